import logging

import pytest

from howdah.foundation.errors import InvalidInput, Unavailable
from howdah.foundation.queue.patience import (
    LONGEST_PAUSE_SECONDS,
    REMIND_EVERY_SECONDS,
    Outage,
    patiently,
)


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_an_outage_is_said_at_its_beginning_and_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    outage = Outage("messages are not relayed", clock)
    for _ in range(20):
        clock.sleep(outage.goes_on(ConnectionError("refused")))
    outage.is_over()
    outage.is_over()
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "messages are not relayed: refused" in caplog.text


def test_pauses_grow_to_a_limit_and_start_small_again() -> None:
    outage = Outage("nothing works", Clock())
    pauses = [outage.goes_on(ConnectionError()) for _ in range(10)]
    assert pauses == sorted(pauses)
    assert pauses[-1] == LONGEST_PAUSE_SECONDS
    outage.is_over()
    assert outage.goes_on(ConnectionError()) == pauses[0]


def test_a_long_outage_is_said_again_now_and_then(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    outage = Outage("nothing works", clock)
    while clock.now < 3.5 * REMIND_EVERY_SECONDS:
        clock.sleep(outage.goes_on(ConnectionError()))
    assert len(caplog.records) == 4


def test_a_step_is_repeated_until_it_works() -> None:
    clock, failures = Clock(), iter([Unavailable(), Unavailable(), None])

    def step() -> str:
        if failure := next(failures):
            raise failure
        return "done"

    assert patiently(step, what="it", sleep=clock.sleep, clock=clock) == "done"


def test_a_step_that_can_never_work_is_not_repeated() -> None:
    attempts = []

    def step() -> None:
        attempts.append(1)
        raise InvalidInput()

    with pytest.raises(InvalidInput):
        patiently(step, what="it", sleep=Clock().sleep)
    assert len(attempts) == 1


def test_patience_ends_with_the_last_failure() -> None:
    clock = Clock()

    def step() -> None:
        raise Unavailable()

    with pytest.raises(Unavailable):
        patiently(step, what="it", at_most_seconds=60, sleep=clock.sleep, clock=clock)
    assert 50 < clock.now <= 60


def test_who_is_asked_to_stop_does_not_wait() -> None:
    clock = Clock()

    def step() -> None:
        raise Unavailable()

    with pytest.raises(Unavailable):
        patiently(step, what="it", stopping=lambda: True, sleep=clock.sleep, clock=clock)
    assert clock.now == 0
