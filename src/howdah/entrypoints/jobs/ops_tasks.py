"""What the ops worker runs: name → function, apart from the application's tasks.

They are asked for by the schedule through a queue that the application's processes can write to
too. So a message can ask for nothing that the schedule would not, and not more often than is
bearable; what an operator wants at once, `howdah backup` does at once.
"""

import logging
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from howdah.entrypoints.jobs.messages import MessageRefused
from howdah.foundation.errors import HowdahError, NotFound
from howdah.foundation.settings import Settings
from howdah.operations.backups.listing import Backup, backups_of
from howdah.operations.backups.restore_tests import restore_tests
from howdah.operations.backups.take import take_backup
from howdah.operations.restores.prove import prove_restore

LOG = logging.getLogger("howdah.ops")
TAKE = "backup.take"
PAUSES_SECONDS = (60.0, 300.0, 900.0, 1800.0)
"""Between attempts: a repository that is away for half an hour costs no day's backup."""
SOONEST = timedelta(hours=1)
"""After a backup began, no message asks for another. Whoever can write to the queue could fill the
repository otherwise."""
SOONEST_TEST = timedelta(days=1)
"""The same for restore tests, which take the machine's time."""

Arguments = Mapping[str, Any]


@dataclass(frozen=True)
class Operator:
    """What all tasks share."""

    settings: Settings
    stopping: threading.Event
    changed: threading.Event = field(default_factory=threading.Event)
    """Set when a task has ended, so that the next look at the backups is soon."""


Task = Callable[[Operator, Arguments], None]


def run(operator: Operator, task: str, arguments: Arguments) -> None:
    """Run a task by its name. Raises NotFound for a name that no task has, and what it raises."""
    function = OPS_TASKS.get(task)
    if function is None:
        raise NotFound(
            f"There is no task {task!r} of the ops worker.",
            hint="The message comes from another version of Howdah.",
        )
    LOG.info("task begins", extra={"task": task})
    try:
        function(operator, arguments)
    finally:
        operator.changed.set()
    LOG.info("task done", extra={"task": task})


def take(operator: Operator, arguments: Arguments) -> None:
    """Take a full backup, unless one began since this was asked for. Harmless to repeat."""
    asked = asked_at(arguments, datetime.now(UTC))
    _persist(operator, lambda: _take_if_due(operator.settings, asked))


def _take_if_due(settings: Settings, asked: datetime) -> None:
    if not is_due(backups_of(settings).backups, asked, datetime.now(UTC)):
        LOG.info("no backup: one began since this was asked for, or a moment ago")
        return
    taken = take_backup(settings, "full", LOG.info)
    figures = {"label": taken.label, "seconds": taken.seconds, "stored": taken.repository_bytes}
    LOG.info("backup taken", extra=figures)


def prove(operator: Operator, arguments: Arguments) -> None:
    """Restore the newest backup and compare, unless that was done since this was asked for."""
    asked = asked_at(arguments, datetime.now(UTC))
    _persist(operator, lambda: _prove_if_due(operator, asked))


def _prove_if_due(operator: Operator, asked: datetime) -> None:
    ended = [test.moment for test in restore_tests(operator.settings)]
    if not is_test_due(ended, asked, datetime.now(UTC)):
        LOG.info("no restore test: one ended since this was asked for, or today")
        return
    found = prove_restore(operator.settings, LOG.info, stopping=operator.stopping.is_set)
    known = {"backup": found.backup, "seconds": found.seconds, "evidence": str(found.evidence)}
    if found.passed:
        LOG.info("restore test passed", extra=known)
    else:  # trying again proves nothing else; `status` and a metric tell of it
        LOG.error("restore test failed: %s", "; ".join(found.problems), extra=known)


def is_test_due(ended: Iterable[datetime], asked: datetime, now: datetime) -> bool:
    """Whether a restore test that was asked for then is still to be done. Pure."""
    past = [moment for moment in ended if moment <= now]
    return not past or max(past) < min(asked, now - SOONEST_TEST)


def is_due(backups: Iterable[Backup], asked: datetime, now: datetime) -> bool:
    """Whether a full backup that was asked for then is still to be taken. Pure.

    Backups of a clock that was ahead do not count.
    """
    begun = [item.begun for item in backups if item.kind == "full" and item.begun <= now]
    return not begun or max(begun) < min(asked, now - SOONEST)


def asked_at(arguments: Arguments, now: datetime) -> datetime:
    """The moment that the message is for; now, if it lies ahead. Raises MessageRefused. Pure."""
    text = arguments.get("scheduled_for")
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or len(arguments) != 1:
        raise MessageRefused("The message does not say for which moment it was written.")
    return min(moment.astimezone(UTC), now)


def _persist(operator: Operator, step: Callable[[], None]) -> None:
    """Do it, again after each failure with longer and longer pauses. Raises the last failure."""
    for pause_seconds in PAUSES_SECONDS:
        try:
            return step()
        except HowdahError as failure:
            if operator.stopping.is_set():
                raise
            LOG.warning("%s; trying again in %.0f s", failure, pause_seconds)
            if operator.stopping.wait(pause_seconds):
                raise
    return step()


OPS_TASKS: Mapping[str, Task] = {TAKE: take, "backup.prove": prove}
