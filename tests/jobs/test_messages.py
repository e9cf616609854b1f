"""Whoever can write to Redis gets no code run: workers take tasks by name, of their own queue."""

import contextlib
from pathlib import Path
from typing import Any

from redis import Redis
from rq import Callback, Queue

from howdah.entrypoints.jobs.abandoned import MOST_ATTEMPTS, take_back
from howdah.entrypoints.jobs.lanes import DEFAULT, LANES, OPS
from howdah.entrypoints.jobs.messages import Message
from howdah.entrypoints.schedule.moments import Entry
from howdah.entrypoints.schedule.scheduler import Scheduler
from howdah.foundation.queue.connection import SERIALIZER, connect_redis
from tests.jobs.background import Background, pages, wait_until

REPORT = {"scheduled_for": "2026-11-22T00:20:00+00:00"}


class OpsMessage(Message):
    lane = OPS


def queue(redis: "Redis", name: str) -> Queue:
    """A queue as a stranger writes to it: with RQ's own means."""
    return Queue(name, connection=redis, serializer=SERIALIZER)


def test_a_message_that_names_a_function_gets_nothing_run(
    background: Background, tmp_path: Path
) -> None:
    worker = background.start("worker")
    with contextlib.closing(connect_redis(background.settings)) as redis:
        strangers = queue(redis, DEFAULT.queue)
        strangers.enqueue_call("os.mkdir", args=[str(tmp_path / "by-function")])
        strangers.enqueue_call(DEFAULT.function, args=["no.task", {}], kwargs={"more": 1})
        callback = Callback("os.system")  # with RQ's arguments it fails, and its task with it
        strangers.enqueue_call(
            DEFAULT.function,
            args=["insights.report_yesterday", REPORT],
            on_success=callback,
            on_failure=callback,
        )
        wait_until(lambda: not strangers.job_ids and worker.says("task done"), "all are taken")
        wait_until(lambda: strangers.failed_job_registry.count == 2, "two are refused")
    ticket = background.import_files(background.member(), pages(1))
    background.relay()
    assert background.ended(ticket)["state"] == "succeeded"
    assert not (tmp_path / "by-function").exists()
    refused = [line["message"] for line in worker.lines("error")]
    assert len(refused) == 2
    assert all("MessageRefused" in line for line in refused)


def test_the_applications_worker_takes_nothing_of_operations(background: Background) -> None:
    worker = background.start("worker")
    with contextlib.closing(connect_redis(background.settings)) as redis:
        strangers = queue(redis, DEFAULT.queue)
        strangers.enqueue_call(DEFAULT.function, args=["backup.take", REPORT])
        ops = queue(redis, OPS.queue)
        ops.enqueue_call(OPS.function, args=["backup.take", REPORT])
        wait_until(lambda: strangers.failed_job_registry.count == 1, "it is refused")
        assert ops.count == 1
    assert any("There is no task 'backup.take'" in line["message"] for line in worker.lines())


def test_what_is_scheduled_for_operations_goes_into_their_queue(background: Background) -> None:
    entry = Entry("each second", "* * * * * *", "backup.take", queue=OPS.queue)
    scheduler = Scheduler(background.database, (entry,))
    scheduler.turn()
    wait_until(lambda: (scheduler.turn(), background.waiting_messages())[1], "it is due")
    background.relay()
    with contextlib.closing(connect_redis(background.settings)) as redis:
        message = taken(redis)[0]
        assert message.task()[0] == "backup.take"
        assert message.timeout == OPS.longest_run_seconds


def taken(redis: "Redis") -> list[Message]:
    """Everything that waits for the ops worker, in the order that it will be taken."""
    ids = queue(redis, OPS.queue).job_ids
    found = OpsMessage.fetch_many(ids, connection=redis, serializer=SERIALIZER)
    return [message for message in found if isinstance(message, Message)]


def killed(redis: "Redis", task: str = "backup.take", **meta: Any) -> None:
    """A message that a worker had begun when it was killed."""
    job = queue(redis, OPS.queue).enqueue_call(OPS.function, args=[task, REPORT], meta=meta)
    redis.lrem(f"rq:queue:{OPS.queue}", 0, job.id)
    redis.zadd(f"rq:wip:{OPS.queue}", {f"{job.id}:an-execution": 2e9})


def test_what_a_killed_worker_had_begun_is_begun_again_first(background: Background) -> None:
    with contextlib.closing(connect_redis(background.settings)) as redis:
        killed(redis)
        queue(redis, OPS.queue).enqueue_call(OPS.function, args=["backup.prove", REPORT])
        assert take_back(redis, OpsMessage) == 1
        assert take_back(redis, OpsMessage) == 0
        assert [message.task() for message in taken(redis)] == [
            ("backup.take", REPORT),
            ("backup.prove", REPORT),
        ]


def test_what_kills_its_worker_each_time_is_given_up(background: Background) -> None:
    with contextlib.closing(connect_redis(background.settings)) as redis:
        killed(redis)
        for _ in range(MOST_ATTEMPTS - 1):
            assert take_back(redis, OpsMessage) == 1
            (message,) = taken(redis)
            redis.delete(f"rq:queue:{OPS.queue}")
            redis.zadd(f"rq:wip:{OPS.queue}", {f"{message.id}:an-execution": 2e9})
        assert take_back(redis, OpsMessage) == 0
        assert taken(redis) == []


def test_nonsense_among_the_messages_does_not_keep_the_worker_from_starting(
    background: Background,
) -> None:
    with contextlib.closing(connect_redis(background.settings)) as redis:
        killed(redis, begun="often")
        redis.zadd(f"rq:wip:{OPS.queue}", {"no:such:message": 1, b"\xff/\xfe": 2, "": 3})
        redis.hset("rq:job:broken", mapping={"data": "x", "status": "y"})
        redis.rpush(f"rq:queue:{OPS.queue}:intermediate", "broken", "none")
        assert take_back(redis, OpsMessage) == 1
        assert redis.zcard(f"rq:wip:{OPS.queue}") == 0
        assert redis.llen(f"rq:queue:{OPS.queue}:intermediate") == 0


def test_a_message_for_a_queue_that_nobody_takes_goes_where_it_is_taken(
    background: Background,
) -> None:
    background.admin.execute("INSERT INTO outbox (queue, task) VALUES ('elsewhere', 'no.task')")
    background.relay()
    with contextlib.closing(connect_redis(background.settings)) as redis:
        assert queue(redis, DEFAULT.queue).count == 1
        assert set(LANES) == {DEFAULT.queue, OPS.queue}
