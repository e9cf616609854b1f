import os
import sys

import pytest

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.companion import DONE, READY, Companion, abandoned

ENVIRONMENT = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
PROGRAM = f"""
import sys
from howdah.foundation.processes.companion import abandoned
sys.stdout.buffer.write({READY!r})
sys.stdout.flush()
if abandoned(sys.stdin.buffer, 30):
    open(sys.argv[1], "w").close()
"""


def heard(words: bytes | None, patience_seconds: float = 5) -> bool:
    """Whether a companion that hears this (None: the pipe ends) takes itself for abandoned."""
    reading, writing = os.pipe()
    if words:
        os.write(writing, words)
    if words is None:
        os.close(writing)
    with os.fdopen(reading, "rb") as commands:
        return abandoned(commands, patience_seconds)


def test_the_end_of_the_parent_is_noticed() -> None:
    assert heard(None)


def test_a_word_is_enough_to_be_dismissed() -> None:
    assert not heard(DONE)


def test_a_parent_that_hangs_is_not_waited_for() -> None:
    assert heard(b"", patience_seconds=0.05)


@pytest.fixture
def command(tmp_path: os.PathLike[str]) -> list[str]:
    return [sys.executable, "-c", PROGRAM, os.path.join(tmp_path, "acted")]  # noqa: PTH118


def test_it_does_nothing_when_the_block_did_its_work(command: list[str]) -> None:
    with Companion(command, ENVIRONMENT):
        pass
    assert not os.path.exists(command[-1])  # noqa: PTH110


def test_it_acts_when_the_block_failed(command: list[str]) -> None:
    with pytest.raises(ZeroDivisionError), Companion(command, ENVIRONMENT):
        _ = 1 // 0
    assert os.path.exists(command[-1])  # noqa: PTH110


def test_a_companion_that_does_not_start_is_an_error() -> None:
    with pytest.raises(CommandFailed), Companion(["/bin/false"], ENVIRONMENT):
        pass
