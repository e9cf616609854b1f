"""Ask several sources at a time, and wait for none of them longer than a bound."""

import time
from collections.abc import Callable, Hashable, Mapping
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from howdah.foundation.errors import HowdahError, Unavailable

Key = TypeVar("Key", bound=Hashable)
Answer = TypeVar("Answer")
LOOK_SECONDS = 0.05


class NoAnswer(Unavailable):
    """It did not answer in time."""


class TookTooLong(Unavailable):
    """What was waited for did not come."""


def ask_all(
    questions: Mapping[Key, Callable[[], Answer]], patience_seconds: float
) -> dict[Key, Answer | HowdahError]:
    """Each source's answer, or its failure, after at most `patience_seconds`.

    A source that hangs longer is left behind in its thread, which ends with the program.
    """
    answers: SimpleQueue[tuple[Key, Answer | Exception]] = SimpleQueue()
    for key, question in questions.items():
        Thread(target=_answer, args=(answers, key, question), daemon=True).start()
    deadline = time.monotonic() + patience_seconds
    late: HowdahError = NoAnswer(f"no answer within {patience_seconds:g} s")
    found: dict[Key, Answer | HowdahError] = dict.fromkeys(questions, late)
    for _ in questions:
        try:
            key, answer = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except Empty:
            break
        if isinstance(answer, Exception) and not isinstance(answer, HowdahError):
            raise answer
        found[key] = answer
    return found


def _answer(
    answers: "SimpleQueue[tuple[Key, Answer | Exception]]",
    key: Key,
    question: Callable[[], Answer],
) -> None:
    try:
        answers.put((key, question()))
    except Exception as failure:  # noqa: BLE001  (handed to the asking thread, which judges it)
        answers.put((key, failure))


def wait_until(
    fulfilled: Callable[[], bool], what: str, patience_seconds: float, look: float = LOOK_SECONDS
) -> None:
    """Look every `look` seconds. Raises TookTooLong that names what was waited for."""
    deadline = time.monotonic() + patience_seconds
    while not fulfilled():
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what}: not within {patience_seconds:g} s")
        time.sleep(look)
