"""Living through the absence of PostgreSQL or Redis: waiting longer each time, saying it once."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from howdah.foundation.errors import HowdahError
from howdah.foundation.queue.stopping import Stopping, never

LOG = logging.getLogger("howdah.queue")
FIRST_PAUSE_SECONDS = 0.25
LONGEST_PAUSE_SECONDS = 5.0
REMIND_EVERY_SECONDS = 300.0

Result = TypeVar("Result")


@dataclass
class Outage:
    """Pauses between attempts, and one sentence at the beginning, the end and now and then."""

    what: str
    """What cannot be done meanwhile, as in "messages are not relayed"."""
    clock: Callable[[], float] = time.monotonic
    _since: float | None = field(default=None, init=False)
    _said_at: float = field(default=0.0, init=False)
    _pause_seconds: float = field(default=FIRST_PAUSE_SECONDS, init=False)

    def goes_on(self, failure: BaseException) -> float:
        """An attempt failed. Returns the seconds to wait before the next."""
        now = self.clock()
        if self._since is None:
            self._since, self._pause_seconds = now, FIRST_PAUSE_SECONDS
            self._say(now, failure)
        elif now - self._said_at >= REMIND_EVERY_SECONDS:
            self._say(now, failure)
        pause = self._pause_seconds
        self._pause_seconds = min(pause * 2, LONGEST_PAUSE_SECONDS)
        return pause

    def is_over(self) -> None:
        """An attempt succeeded."""
        if self._since is not None:
            lasted_seconds = round(self.clock() - self._since, 1)
            LOG.info("it works again", extra={"what": self.what, "lasted_seconds": lasted_seconds})
            self._since = None

    def _say(self, now: float, failure: BaseException) -> None:
        self._said_at = now
        kind = type(failure).__name__
        LOG.warning(
            "%s: %s; trying again until it works", self.what, failure, extra={"error": kind}
        )


def patiently(  # noqa: PLR0913  (all but the first by keyword)
    step: Callable[[], Result],
    *,
    what: str,
    at_most_seconds: float = 60.0,
    stopping: Stopping = never,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> Result:
    """Do a step that is harmless to repeat, again after each retryable failure.

    Raises the last failure when the time is up, when `stopping`, or when it is not retryable.
    """
    outage = Outage(what, clock)
    gives_up_at = clock() + at_most_seconds
    while True:
        try:
            result = step()
        except HowdahError as failure:
            pause_seconds = outage.goes_on(failure) if failure.retryable else 0.0
            if not failure.retryable or stopping() or clock() + pause_seconds > gives_up_at:
                raise
            sleep(pause_seconds)
        else:
            outage.is_over()
            return result
