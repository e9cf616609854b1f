"""What a worker takes from Redis, and what it does not.

RQ's messages say which function is to be imported and called, and more functions to call when it
ends, or addresses to tell. So whoever can write to Redis runs code of his choice as the workers:
the API could become PostgreSQL's account, and that one owns every backup. A worker of ours imports
nothing that a message names. It takes a task's name and its arguments, for the lane it works in;
everything else in the message is refused or ignored.
"""

from typing import Any, ClassVar, NoReturn

from rq.exceptions import DeserializationError, NoSuchJobError
from rq.job import Job

from howdah.foundation.errors import Forbidden
from howdah.foundation.queue.lanes import Lane

LONGEST_NAME = 200


class MessageRefused(Forbidden):
    """The message is not one that Howdah writes."""


class Message(Job):
    """A message of one lane. A lane's class says which, and how its tasks are run."""

    lane: ClassVar[Lane]

    def run_task(self, task: str, arguments: dict[str, Any]) -> None:
        """Run it. Raises what the task raises."""
        raise NotImplementedError

    def restore(self, raw_data: Any) -> None:
        """Read it from Redis, without what RQ would do of its own for who wrote it there.

        Raises MessageRefused when it cannot be read.
        """
        try:
            super().restore(raw_data)
        except NoSuchJobError:
            raise
        except Exception as problem:  # strangers' bytes: RQ fails over them in many ways
            raise MessageRefused("A message cannot be read.") from problem
        self._success_callback_name = None
        self._failure_callback_name = None
        self._stopped_callback_name = None
        self.webhooks = []
        self.retries_left = self.repeats_left = None
        self.group_id = self.rate_limit_key = None
        self.timeout = self.lane.longest_run_seconds

    @property
    def func(self) -> NoReturn:
        """RQ would import it."""
        raise MessageRefused("A worker imports nothing that a message names.")

    def task(self) -> tuple[str, dict[str, Any]]:
        """The task's name and its arguments. Raises MessageRefused."""
        try:
            parts = (self.func_name, self.instance, self.args, self.kwargs)
        except DeserializationError:
            raise MessageRefused("A message cannot be read.") from None
        return task_of(self.lane, *parts)

    def _execute(self) -> None:
        self.run_task(*self.task())


def task_of(
    lane: Lane, function: object, instance: object, args: object, kwargs: object
) -> tuple[str, dict[str, Any]]:
    """The task's name and its arguments; the parts are as they came. Raises MessageRefused."""
    if function != lane.function:
        named = str(function)[:LONGEST_NAME]
        raise MessageRefused(
            f"A message of the queue {lane.queue!r} names the function {named!r}.",
            hint="Only Howdah's relay may write to the queue: who else has the secret `redis`?",
        )
    match instance, args, kwargs:
        case None, [str() as task, dict() as arguments], {} if not kwargs:
            return task, arguments
    raise MessageRefused(
        f"A message of the queue {lane.queue!r} is not a task's name and its arguments."
    )
