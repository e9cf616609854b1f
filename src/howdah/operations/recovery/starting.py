"""The way through a start: the data are there, and nothing runs."""

from howdah.foundation.errors import CommandFailed, HowdahError
from howdah.foundation.rendering.pgbackrest import servers_of
from howdah.foundation.settings import Settings
from howdah.operations.recovery.checks import Findings, check_queries
from howdah.operations.recovery.choices import Choice
from howdah.operations.recovery.journal import Journal
from howdah.operations.recovery.programs import start_everything
from howdah.operations.recovery.standalone import control_data
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly
from howdah.operations.stack.progress import Progress


class StartWay:
    """Nothing is lost, and nothing is made: the servers recover from a crash by themselves."""

    def __init__(self, settings: Settings, progress: Progress):
        self._settings, self._progress = settings, progress

    def plan(self, choice: Choice) -> tuple[str, ...]:
        """What it would do. Raises CommandFailed when there are no data to start."""
        if not self._with_data():
            raise CommandFailed(
                "no data directory is there, so nothing can be started",
                hint="`howdah recover --choice restore --to latest` restores from the archive",
            )
        return ("starts everything, as `howdah up` does", "interrupts: nothing", "loses: nothing")

    def _with_data(self) -> list[str]:
        servers = servers_of(self._settings.topology, self._settings.layout)
        return [item.node for item in servers if (item.data / "PG_VERSION").exists()]

    def recover(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """Nothing has to be made."""
        names = self._with_data()
        journal.tell(f"data are there: {', '.join(names) or 'none'}")
        return {"data": names}

    def verify(self, choice: Choice, journal: Journal) -> Findings:
        """Whether their control files can be read, and say a state to go on from."""
        found = Findings()
        for item in servers_of(self._settings.topology, self._settings.layout):
            if not (item.data / "PG_VERSION").exists():
                continue
            try:
                state = control_data(item.data).get("Database cluster state", "unknown")
                found.sentences.append(f"{item.node}: {state}")
            except HowdahError as failure:
                found.sentences.append(f"{item.node}: {failure.message}")
        if not found.sentences:
            found.broken.append("no data directory is there")
        for sentence in (*found.sentences, *found.broken):
            journal.say(sentence)
        return found

    def switch(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """Start everything, and ask what the product asks. Raises CommandFailed."""
        start_everything(self._settings, (), self._progress)
        found = Findings()
        check_queries(connect_directly(self._settings, SUPERUSER), found)
        if not found.passed:
            raise CommandFailed(
                f"everything runs, and does not serve: {'; '.join(found.broken)}",
                hint="`howdah recover --choice restore` goes back to before that",
            )
        journal.tell("everything runs, and the product's queries answer")
        return found.figures

    def discard(self, choice: Choice, journal: Journal) -> None:
        """Nothing was made."""
        journal.tell("nothing was started")
