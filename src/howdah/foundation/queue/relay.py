"""From the outbox to RQ: at least once, in order, none forgotten.

Messages are locked, handed over and only then marked, in one transaction. Whatever fails in
between leaves them waiting; a message handed over twice keeps its id, which RQ refuses while it
still knows it, and the tasks themselves are harmless to repeat.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from redis import Redis
from rq import Queue
from rq.exceptions import DuplicateJobError

from howdah.foundation.database import NOBODY, Database, Row, Statement
from howdah.foundation.queue.connection import SERIALIZER
from howdah.foundation.queue.lanes import Lane

TAKE = Statement("outbox_take", "SELECT * FROM howdah.take_outbox(%s::integer)")
MARK = Statement("outbox_mark_relayed", "SELECT howdah.mark_relayed(%s::bigint[])")

DEFAULT = "default"
REMEMBERED_SECONDS = 3600
FAILURES_REMEMBERED_SECONDS = 24 * 3600
"""How long Redis keeps what ended; its memory is bounded and PostgreSQL has the truth."""


@dataclass(frozen=True)
class Handover:
    """Puts messages into RQ, each to be run by the function of its lane."""

    redis: Redis
    lanes: Mapping[str, Lane]
    """By the name of their queue; a message for any other goes into `default`."""
    _queues: dict[str, Queue] = field(default_factory=dict)

    def push(self, queue: str, message_id: UUID, task: str, arguments: Row) -> None:
        """Hand one message over. Raises redis.RedisError."""
        lane = self.lanes.get(queue) or self.lanes[DEFAULT]
        try:
            self._queue(lane.queue).enqueue_call(
                lane.function,
                args=(task, arguments),
                job_id=str(message_id),
                description=task,
                timeout=lane.longest_run_seconds,
                result_ttl=REMEMBERED_SECONDS,
                failure_ttl=FAILURES_REMEMBERED_SECONDS,
                unique=True,
            )
        except DuplicateJobError:
            return  # handed over before, by a relay that could not mark it

    def _queue(self, name: str) -> Queue:
        if name not in self._queues:
            self._queues[name] = Queue(name, connection=self.redis, serializer=SERIALIZER)
        return self._queues[name]


def relay_once(database: Database, handover: Handover, batch: int = 100) -> int:
    """Hand over up to `batch` waiting messages, oldest first; returns how many.

    Several relays may run: each message is locked by one of them. Raises redis.RedisError and
    Unavailable, after which every message of the batch is still waiting. Round trips: 2.
    """
    with database.write(NOBODY) as transaction:
        messages = transaction.all(TAKE, (batch,))
        for message in messages:
            handover.push(
                message["queue"], message["message_id"], message["task"], message["arguments"]
            )
        if messages:
            transaction.with_commit(MARK, ([message["id"] for message in messages],))
    return len(messages)
