"""Outlasting a failover: a request whose database connection was lost is carried out again.

Only what is safe to repeat: nothing of it happened, or doing it twice is doing it once. Requests
that wait so are at most three quarters of a process's threads, so that the others go on reading
from replicas and saying how things are.
"""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from howdah.foundation.database import ConnectionLost, NoConnection
from howdah.foundation.errors import HowdahError
from howdah.foundation.metrics import REPEATED_REQUESTS

FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 0.5

Result = TypeVar("Result")
NOTHING_HAPPENED = (ConnectionLost, NoConnection)


class Patience:
    """How long requests of this process are tried again, and how many at a time."""

    def __init__(
        self,
        seconds: float,
        places: int,
        *,
        clock: Callable[[], float] = time.perf_counter,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self._seconds = seconds
        self._places = threading.BoundedSemaphore(places)
        self._clock = clock
        self._sleep = sleep

    def outlast(
        self,
        failure: HowdahError,
        step: Callable[[], Result],
        since: float,
        again_after: tuple[type[HowdahError], ...] = NOTHING_HAPPENED,
    ) -> Result:
        """What the step, which has just failed so, gives when it is done again.

        Raises the last failure when `seconds` have passed `since` the request's arrival, when too
        many others wait already, or when it is none of `again_after`.
        """
        if not self._seconds or not self._places.acquire(blocking=False):
            raise failure
        try:
            result = self._again(failure, step, since + self._seconds, again_after)
        except again_after:
            REPEATED_REQUESTS.labels("given_up").inc()
            raise
        finally:
            self._places.release()
        REPEATED_REQUESTS.labels("answered").inc()
        return result

    def _again(
        self,
        failure: HowdahError,
        step: Callable[[], Result],
        gives_up_at: float,
        again_after: tuple[type[HowdahError], ...],
    ) -> Result:
        pause_seconds = FIRST_PAUSE_SECONDS
        while self._clock() + pause_seconds < gives_up_at:
            self._sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, LONGEST_PAUSE_SECONDS)
            try:
                return step()
            except again_after as next_failure:
                failure = next_failure
        raise failure
