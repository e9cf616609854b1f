import time

import pytest

from howdah.foundation.errors import Unavailable
from howdah.operations.cluster.asking import NoAnswer, TookTooLong, ask_all, wait_until


def refuse() -> int:
    raise Unavailable("away")


def test_every_source_answers_or_says_why_not() -> None:
    answers = ask_all({"a": lambda: 1, "b": refuse}, 5)
    assert answers["a"] == 1
    assert isinstance(answers["b"], Unavailable)


def test_a_source_that_hangs_holds_up_nobody() -> None:
    begun = time.monotonic()
    answers = ask_all({"a": lambda: 1, "b": lambda: time.sleep(2)}, 0.2)
    assert time.monotonic() - begun < 1
    assert answers["a"] == 1
    assert isinstance(answers["b"], NoAnswer)


def test_a_mistake_of_ours_is_not_taken_for_an_answer() -> None:
    with pytest.raises(ZeroDivisionError):
        ask_all({"a": lambda: 1 // 0}, 5)


def test_what_does_not_come_is_named() -> None:
    with pytest.raises(TookTooLong, match=r"the moon: not within 0.1 s"):
        wait_until(lambda: False, "the moon", 0.1, look=0.02)
