"""Messages whose task did not come to its end: begun again by the next worker.

For a queue that one worker takes at a time: what is marked as running when it starts, nobody runs.
RQ itself would notice after the longest time that a task may take, and call it failed.
"""

import logging
from typing import Any, cast

from redis import Redis
from rq import Queue
from rq.exceptions import NoSuchJobError

from howdah.entrypoints.jobs.messages import Message, MessageRefused
from howdah.foundation.queue.connection import SERIALIZER

LOG = logging.getLogger("howdah.worker")
MOST_ATTEMPTS = 3
BEGUN = "begun"
"""In a message's `meta`: how often it was begun, and its worker killed."""


def take_back(redis: Redis, messages: type[Message]) -> int:
    """Put what a killed worker had taken in front of the queue again; returns how many.

    Raises redis.RedisError.
    """
    queue = queue_of(redis, messages)
    running, between = queue.started_job_registry.key, queue.intermediate_queue.key
    taken = 0
    for entry in cast("list[bytes]", redis.zrange(running, 0, -1)):  # <message>:<execution>
        taken += _begin_again(queue, messages, entry)
        redis.zrem(running, entry)
    for entry in cast("list[bytes]", redis.lrange(between, 0, -1)):
        taken += _begin_again(queue, messages, entry)
        redis.lrem(between, 0, entry)  # type: ignore[arg-type]  # as the bytes they are
    return taken


def push(queue: Queue, message: Message, begun: int) -> None:
    """A new message like this one, to be taken first. Raises MessageRefused, redis.RedisError.

    The old one cannot be put back: RQ's notes say that it runs.
    """
    task, arguments = message.task()
    queue.enqueue_call(
        message.lane.function,
        args=(task, arguments),
        timeout=message.lane.longest_run_seconds,
        description=task,
        meta={BEGUN: begun},
        at_front=True,
    )


def queue_of(redis: Redis, messages: type[Message]) -> Queue:
    """The lane's queue."""
    return Queue(messages.lane.queue, redis, serializer=SERIALIZER, job_class=messages)


def attempts(message: Message) -> int:
    """How often its worker was killed. Whoever wrote the message may have written nonsense."""
    meta: Any = message.meta
    found = meta.get(BEGUN) if isinstance(meta, dict) else None
    return found if isinstance(found, int) and found > 0 else 0


def _begin_again(queue: Queue, messages: type[Message], entry: bytes) -> bool:
    message_id = entry.decode(errors="replace").partition(":")[0]
    try:
        message = messages.fetch(message_id, connection=queue.connection, serializer=SERIALIZER)
        assert isinstance(message, Message)
        begun, known = attempts(message) + 1, {"message_id": message_id, "task": message.task()[0]}
        if begun < MOST_ATTEMPTS:
            push(queue, message, begun)
            LOG.warning("begun again: its worker was killed", extra=known)
        else:
            LOG.error("given up: each time it was begun its worker was killed", extra=known)
    except (NoSuchJobError, MessageRefused, ValueError):  # the last: no name of a message
        return False
    queue.connection.delete(message.key)
    return begun < MOST_ATTEMPTS
