"""Background work after a restore: what the queue knows is from after the target, and forgotten.

Redis is not restored. It holds messages of changes that are no more, and takes a message that it
has run for done, although what it did has been undone. PostgreSQL has the truth: the queue is
emptied, and messages that were handed over shortly before the target are handed over again. Every
task is harmless to repeat.
"""

import redis

from howdah.foundation.errors import Unavailable
from howdah.foundation.queue.connection import connect_redis
from howdah.foundation.settings import Settings
from howdah.operations.recovery.standalone import Standalone

PATTERN = "rq:*"
BATCH = 500
AGAIN = """
    UPDATE outbox SET relayed_at = NULL
    WHERE relayed_at > (SELECT max(relayed_at) FROM outbox) - interval '1 hour'
"""
HAS_OUTBOX = "SELECT to_regclass('public.outbox') IS NOT NULL"


def empty_queue(settings: Settings) -> int:
    """Delete what RQ keeps; returns how many keys. Raises Unavailable when Redis is away."""
    deleted = 0
    try:
        with connect_redis(settings) as client:
            batch: list[bytes] = []
            for key in client.scan_iter(PATTERN, count=BATCH):
                batch.append(key)
                if len(batch) >= BATCH:
                    deleted += int(client.unlink(*batch))
                    batch.clear()
            if batch:
                deleted += int(client.unlink(*batch))
    except redis.RedisError as failure:
        raise Unavailable(f"the queue cannot be emptied: {failure}") from failure
    return deleted


def hand_over_again(settings: Settings, server: Standalone) -> int:
    """Have the relay take the messages again that were handed over within the last hour."""
    with server.connection(settings.topology.postgresql.database) as connection:
        row = connection.execute(HAS_OUTBOX).fetchone()
        if not row or not row[0]:
            return 0
        return connection.execute(AGAIN).rowcount
