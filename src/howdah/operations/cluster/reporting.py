"""What an operation tells while it works: a sentence for each thing that happened."""

import time
from collections.abc import Callable

Report = Callable[[str], None]


def silent(_: str) -> None:
    """Tell nobody."""


class Stopwatch:
    """Reports with the seconds since it was started, and remembers them by name."""

    def __init__(self, report: Report):
        self._report = report
        self._begun = time.monotonic()
        self.moments: dict[str, float] = {}

    def start(self) -> None:
        """Count from now."""
        self._begun = time.monotonic()

    def note(self, name: str, sentence: str) -> None:
        """It happened now."""
        seconds = time.monotonic() - self._begun
        self.moments[name] = round(seconds, 3)
        self._report(f"{seconds:5.2f} s  {sentence}")
