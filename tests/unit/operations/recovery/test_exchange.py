"""On which timeline a stopped server was: what tells a promotion from one that was cut short."""

import pytest

from howdah.operations.recovery.exchange import newest_timeline


@pytest.mark.parametrize(
    ("checkpoint", "recovery_end", "expected"),
    [
        pytest.param("3", "3", 3, id="still recovering on timeline 3"),
        pytest.param("3", "4", 4, id="promoted, no checkpoint yet"),
        pytest.param("4", "0", 4, id="promoted, and a checkpoint since"),
    ],
)
def test_the_newest_of_both_notes_counts(checkpoint: str, recovery_end: str, expected: int) -> None:
    control = {
        "Latest checkpoint's TimeLineID": checkpoint,
        "Min recovery ending loc's timeline": recovery_end,
    }
    assert newest_timeline(control) == expected
