"""What all tasks of a worker process share, as RQ calls a function without any."""

from dataclasses import dataclass

from howdah.foundation.database import Database
from howdah.foundation.errors import CommandFailed
from howdah.foundation.queue.stopping import Stopping, never


@dataclass(frozen=True)
class Shared:
    """Set once, before the first task."""

    database: Database
    stopping: Stopping = never
    """Whether the worker was asked to stop."""


_shared: list[Shared] = []


def share(shared: Shared) -> None:
    """Give this process's tasks what they work with."""
    _shared[:] = [shared]


def shared() -> Shared:
    """What was shared. Raises CommandFailed when nothing was."""
    if not _shared:
        raise CommandFailed(
            "Tasks run inside the worker.",
            hint="start it: python -m howdah.entrypoints.jobs.worker",
        )
    return _shared[0]
