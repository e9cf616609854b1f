"""What a long command tells while it works; the command line draws it."""

from typing import Protocol


class Progress(Protocol):
    """One step at a time: begun, then finished."""

    def begin(self, step: str) -> None:
        """A step starts now."""

    def finish(self, outcome: str) -> None:
        """The step that was begun last is done."""


class Silent:
    """Tells nothing."""

    def begin(self, step: str) -> None:
        """Nothing."""

    def finish(self, outcome: str) -> None:
        """Nothing."""
