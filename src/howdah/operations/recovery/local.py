"""The provider of this machine: PostgreSQL under supervisord or Patroni, pgBackRest's archive."""

from howdah.foundation.errors import InvalidInput
from howdah.foundation.settings import Settings, settings_in_force
from howdah.operations.recovery import situation
from howdah.operations.recovery.checks import Findings
from howdah.operations.recovery.choices import ACTIONS, Assessment, Choice
from howdah.operations.recovery.journal import Journal
from howdah.operations.recovery.promoting import PromoteWay
from howdah.operations.recovery.restoring import RestoreWay
from howdah.operations.recovery.starting import StartWay
from howdah.operations.stack.progress import Progress


class LocalProvider:
    """Each choice has a way of its own; here one is taken."""

    name = "local"

    def __init__(self, given: Settings, progress: Progress):
        # What the stack was started with holds, also when it is down.
        self._settings = settings_in_force(given)
        self._progress = progress

    def identify(self) -> tuple[str, ...]:
        """What is wrong, in sentences."""
        return situation.whats_wrong(self._settings)

    def assess(self) -> Assessment:
        """What is left, and what could be done."""
        return situation.assess(self._settings)

    def plan(self, choice: Choice) -> tuple[str, ...]:
        """What would be done, interrupted and lost. Raises when it cannot be done."""
        return self._way(choice).plan(choice)

    def recover(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """Make a candidate that could serve."""
        return self._way(choice).recover(choice, journal)

    def verify(self, choice: Choice, journal: Journal) -> Findings:
        """Look at the candidate."""
        return self._way(choice).verify(choice, journal)

    def switch(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """Lead traffic to the candidate."""
        return self._way(choice).switch(choice, journal)

    def discard(self, choice: Choice, journal: Journal) -> None:
        """Throw the candidate away."""
        self._way(choice).discard(choice, journal)

    def _way(self, choice: Choice) -> RestoreWay | PromoteWay | StartWay:
        match choice.action:
            case "restore":
                return RestoreWay(self._settings, self._progress)
            case "promote":
                return PromoteWay(self._settings)
            case "start":
                return StartWay(self._settings, self._progress)
        raise InvalidInput(
            f"{choice.action!r} is no choice", hint=f"the choices are {', '.join(ACTIONS)}"
        )
