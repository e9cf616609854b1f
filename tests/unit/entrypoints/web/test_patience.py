"""Requests that are carried out again while a new primary is found."""

import threading
from collections.abc import Callable

import pytest

from howdah.entrypoints.web.patience import Patience
from howdah.foundation.database import ConnectionLost, NoConnection
from howdah.foundation.errors import NotFound


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


def patience(clock: Clock, seconds: float = 12.0, places: int = 1) -> Patience:
    return Patience(seconds, places, clock=clock, sleep=clock.sleep)


def failing_until(clock: Clock, moment: float) -> Callable[[], str]:
    def step() -> str:
        if clock.now < moment:
            raise NoConnection()
        return "done"

    return step


def test_a_request_outlasts_a_failover(clock: Clock) -> None:
    step = failing_until(clock, 107)
    assert patience(clock).outlast(ConnectionLost(), step, since=100) == "done"
    assert clock.now < 108


def test_the_time_counts_from_the_requests_arrival(clock: Clock) -> None:
    with pytest.raises(NoConnection):
        patience(clock).outlast(ConnectionLost(), failing_until(clock, 105), since=92)
    assert clock.now <= 104


def test_what_cannot_be_helped_by_waiting_is_raised_at_once(clock: Clock) -> None:
    def step() -> str:
        raise NotFound()

    with pytest.raises(NotFound):
        patience(clock).outlast(ConnectionLost(), step, since=100)
    assert clock.now < 101


def test_without_patience_the_first_failure_is_the_last(clock: Clock) -> None:
    with pytest.raises(ConnectionLost):
        patience(clock, seconds=0).outlast(ConnectionLost(), lambda: "done", since=100)


def test_not_every_thread_may_wait(clock: Clock) -> None:
    waiting = patience(clock)
    inside = threading.Event()
    told: list[str] = []

    def step() -> str:
        try:
            waiting.outlast(ConnectionLost(), lambda: "done", since=clock.now)
        except ConnectionLost:
            told.append("too many wait already")
        inside.set()
        return "done"

    assert waiting.outlast(ConnectionLost(), step, since=100) == "done"
    assert told == ["too many wait already"]
    assert waiting.outlast(ConnectionLost(), lambda: "again", since=clock.now) == "again"
