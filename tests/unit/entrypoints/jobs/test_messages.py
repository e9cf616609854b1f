import zlib
from typing import Any

import pytest
from redis import Redis
from rq.serializers import JSONSerializer

from howdah.entrypoints.jobs import lanes
from howdah.entrypoints.jobs.messages import Message, MessageRefused, task_of
from howdah.entrypoints.jobs.ops_tasks import OPS_TASKS
from howdah.entrypoints.jobs.tasks import TASKS
from howdah.foundation.queue.connection import SERIALIZER

ARGUMENTS: dict[str, Any] = {"scheduled_for": "2026-11-22T02:00:00+00:00"}


class OpsMessage(Message):
    lane = lanes.OPS


def restored(*data: Any, **fields: bytes) -> OpsMessage:
    """A message as Redis holds it, whoever wrote it."""
    message = OpsMessage("id", Redis(), SERIALIZER)  # a Redis that is never asked
    packed = zlib.compress(JSONSerializer.dumps(data))
    message.restore({b"data": packed, **{name.encode(): value for name, value in fields.items()}})
    return message


def test_the_message_that_the_relay_writes_is_taken() -> None:
    message = restored(lanes.OPS.function, None, ["backup.take", ARGUMENTS], {})
    assert message.task() == ("backup.take", ARGUMENTS)


@pytest.mark.parametrize(
    "function",
    [
        "os.system",
        "howdah.entrypoints.jobs.ops_tasks.take",
        lanes.DEFAULT.function,
        "",
        None,
        7,
        ["a", "b"],
    ],
)
def test_a_message_that_names_another_function_is_refused(function: object) -> None:
    with pytest.raises(MessageRefused, match="names the function"):
        task_of(lanes.OPS, function, None, ["backup.take", ARGUMENTS], {})


@pytest.mark.parametrize(
    ("instance", "args", "kwargs"),
    [
        (None, ["backup.take"], {}),
        (None, ["backup.take", ARGUMENTS, "more"], {}),
        (None, ["backup.take", ARGUMENTS], {"operator": "x"}),
        (None, ["backup.take", ARGUMENTS], []),
        (None, [{}, ARGUMENTS], {}),
        (None, ["backup.take", "scheduled_for"], {}),
        (None, "ab", {}),
        (None, None, None),
        ("an object", ["backup.take", ARGUMENTS], {}),
    ],
)
def test_a_message_of_another_shape_is_refused(instance: Any, args: Any, kwargs: Any) -> None:
    with pytest.raises(MessageRefused):
        task_of(lanes.OPS, lanes.OPS.function, instance, args, kwargs)


def test_a_message_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(MessageRefused):
        restored("only one part").task()
    with pytest.raises(MessageRefused):
        restored(lanes.OPS.function, None, [], {}, status=b"nonsense")
    with pytest.raises(MessageRefused):
        restored(lanes.OPS.function, None, [], {}, timeout=b"long")


def test_what_a_message_wants_done_when_it_ends_is_not_done() -> None:
    message = restored(
        *(lanes.OPS.function, None, ["backup.take", ARGUMENTS], {}),
        success_callback_name=b"os.system",
        failure_callback_name=b"os.system",
        stopped_callback_name=b"os.system",
        webhooks=b'[{"url": "http://localhost/", "job_status": "finished"}]',
        retries_left=b"1000",
        repeats_left=b"1000",
        rate_limit_key=b"key",
        rate_limit_concurrency=b"1",
        timeout=b"-1",
    )
    assert message.success_callback is None
    assert message.failure_callback is None
    assert message.stopped_callback is None
    assert (message.webhooks, message.retries_left, message.repeats_left) == ([], None, None)
    assert not message.has_rate_limit
    assert message.timeout == lanes.OPS.longest_run_seconds


def test_no_message_has_a_function_imported() -> None:
    with pytest.raises(MessageRefused):
        _ = restored("os.system", None, ["true"], {}).func


def test_the_application_has_no_task_of_operations() -> None:
    assert not set(TASKS) & set(OPS_TASKS)
    assert lanes.DEFAULT.function != lanes.OPS.function
