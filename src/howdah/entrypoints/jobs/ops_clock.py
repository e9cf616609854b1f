"""What the ops worker does by its own clock, in a thread: also while a backup takes hours."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from redis import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError

from howdah.entrypoints.jobs import lanes
from howdah.entrypoints.jobs.ops_tasks import TAKE, Operator
from howdah.entrypoints.schedule.moments import Entry, next_moment
from howdah.foundation.errors import HowdahError
from howdah.operations.backups.closing import close_forgotten_segment
from howdah.operations.backups.listing import backups_of
from howdah.operations.backups.state import write_state
from howdah.operations.backups.watching import Watch

LOG = logging.getLogger("howdah.ops")
CHECK = Entry("backup check", "* * * * *", "backup.check", queued=False)
FIRST = Entry("first backup", "*/5 * * * *", "backup.ask_for_first", queued=False)
# In the middle between two heartbeats, after each of which the scheduler closes the segment.
CLOSE = Entry("close forgotten WAL", "15,45 * * * * *", "backup.close", queued=False)
OPS_CLOCK = (CHECK, CLOSE, FIRST)
TURN_SECONDS = 1.0
PATIENCE_SECONDS = 300
"""So long a stack runs without a backup before it is given one: who brings up a stack may restore
into it, import, or take one himself. The schedule alone would come by next night."""


class OpsClock(threading.Thread):
    """Does each duty at its moments, one after the other, until it is to stop."""

    def __init__(
        self, operator: Operator, queue: Queue, patience_seconds: float = PATIENCE_SECONDS
    ):
        super().__init__(name="ops clock", daemon=True)
        self._operator = operator
        self._watch = Watch(operator.settings)
        self._queue = queue
        self._first_at = time.monotonic() + patience_seconds
        self._known: set[str] = set()
        self._said: dict[Entry, str] = {}
        self._duties: dict[Entry, Callable[[], None]] = {
            CHECK: self._check,
            CLOSE: self._close,
            FIRST: self._ask_for_first,
        }

    def run(self) -> None:
        """The check at once, so that its result is known soon after the start."""
        self._do(CHECK)
        due = {entry: next_moment(entry, datetime.now(UTC)) for entry in self._duties}
        while not self._operator.stopping.wait(TURN_SECONDS):
            for entry, moment in due.items():
                if moment <= datetime.now(UTC) or (
                    entry is CHECK and self._operator.changed.is_set()
                ):
                    self._do(entry)
                    due[entry] = next_moment(entry, datetime.now(UTC))

    def _do(self, entry: Entry) -> None:
        """A failure ends neither the clock nor a backup that runs; what it kept grows old."""
        try:
            self._duties[entry]()
        except (HowdahError, RedisError, OSError) as failure:
            if not self._operator.stopping.is_set() and self._said.get(entry) != str(failure):
                LOG.warning("%s: %s", entry.name, failure)  # once, not at each moment
                self._said[entry] = str(failure)
        except Exception:
            LOG.exception("a duty failed", extra={"duty": entry.name})
        else:
            self._said.pop(entry, None)

    def _check(self) -> None:
        settings = self._operator.settings
        self._operator.changed.clear()
        found = self._watch.check()
        if self._operator.stopping.is_set():
            return  # what it asked may have been ended with us
        write_state(settings, found)
        kinds = {problem.kind for problem in found.problems}
        if kinds - self._known:  # not each minute
            LOG.warning("%s", "; ".join(problem.sentence for problem in found.problems))
        elif self._known and not kinds:
            LOG.info("backups and archive: all is well again")
        self._known = kinds

    def _close(self) -> None:
        if close_forgotten_segment(self._operator.settings):
            LOG.warning("closed a segment of WAL: the scheduler did not")

    def _ask_for_first(self) -> None:
        if time.monotonic() < self._first_at or backups_of(self._operator.settings).backups:
            return
        now = datetime.now(UTC)
        try:
            self._queue.enqueue_call(
                lanes.OPS.function,
                args=(TAKE, {"scheduled_for": now.isoformat()}),
                job_id="first-backup",
                unique=True,  # one at a time
                timeout=lanes.OPS.longest_run_seconds,
                result_ttl=1,
                failure_ttl=1,
                description=TAKE,
            )
        except DuplicateJobError:
            return
        LOG.info("asked for the first backup")
