"""What a place where databases run can do about a disaster: `local` here, others alike.

A provider keeps what it must know when it is continued in the journal's notes. Each of its steps
may have been cut short before, and is harmless to repeat.
"""

from typing import Protocol

from howdah.operations.recovery.checks import Findings
from howdah.operations.recovery.choices import Assessment, Choice
from howdah.operations.recovery.journal import Journal


class Provider(Protocol):
    """The six steps' hands."""

    name: str

    def identify(self) -> tuple[str, ...]:
        """What is wrong, in sentences; empty when nothing is. Changes nothing."""

    def assess(self) -> Assessment:
        """What is left, and what could be done. Changes nothing."""

    def plan(self, choice: Choice) -> tuple[str, ...]:
        """What would be done, interrupted and lost. Raises when it cannot be done."""

    def recover(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """Make a candidate that could serve; traffic stays where it is. Returns figures."""

    def verify(self, choice: Choice, journal: Journal) -> Findings:
        """Look at the candidate."""

    def switch(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """Lead traffic to the candidate; returns figures."""

    def discard(self, choice: Choice, journal: Journal) -> None:
        """Throw the candidate away; what was stopped for it runs again."""
