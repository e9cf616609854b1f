"""The loss of every data directory, and the way back.

They are renamed: to whoever recovers they are gone, with no server and nothing to copy from; but a
drill that fails can go back to them. Once the archive's copy has taken writes it is the database,
and what was lost is deleted: two histories would meet in one archive.
"""

import shutil
from pathlib import Path

from howdah.foundation.errors import CommandFailed
from howdah.foundation.layout import SHARED_MEMORY
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.rendering.pgbackrest import servers_of
from howdah.foundation.settings import Settings
from howdah.operations.cluster.reporting import Report, silent
from howdah.operations.drills import faults
from howdah.operations.recovery.choices import RESTORE, Assessment, Choice
from howdah.operations.recovery.exchange import promoted_already
from howdah.operations.recovery.guide import Guide
from howdah.operations.recovery.journal import (
    Journal,
    begin_journal,
    open_journal,
    recovery_lock,
)
from howdah.operations.recovery.local import LocalProvider
from howdah.operations.recovery.places import Place, place_of
from howdah.operations.recovery.programs import start_everything, stop_writers
from howdah.operations.recovery.record import STEPS, Record
from howdah.operations.restores.target import LATEST
from howdah.operations.stack.progress import Silent

ASIDE_SUFFIX = ".lost-in-a-drill"
DATABASE = "database"
SEGMENTS = f"{SHARED_MEMORY}/PostgreSQL."


class Suggested:
    """Somebody who does what `howdah recover` suggests; `suggested` is what that was."""

    def __init__(self) -> None:
        self.suggested: Choice | None = None

    def choose(self, assessment: Assessment) -> Choice:
        """The suggestion; everything is lost, so anything but a restore is taken for one."""
        self.suggested = assessment.suggested
        return self.suggested if self.suggested.action == RESTORE else Choice(RESTORE, LATEST)

    def consent(self, sentences: tuple[str, ...]) -> None:
        """Always."""


def servers(settings: Settings) -> list[str]:
    """Every server that has a data directory."""
    return [server.node for server in servers_of(settings.topology, settings.layout)]


def lose_data(settings: Settings) -> None:
    """kill -9 of every server at once, then no data directory is where it was."""
    names = servers(settings)
    memory = _shared_memory(settings, names)
    faults.kill_members(settings, names, fence=True)
    for path in memory:  # a server deletes what it left there when it starts again; these never do
        path.unlink(missing_ok=True)
    for name in names:
        faults.data_of(settings, name).rename(_aside(settings, name))


def _shared_memory(settings: Settings, names: list[str]) -> set[Path]:
    """Segments of shared memory that these servers have open, as files."""
    found: set[Path] = set()
    for process in (
        each for name in names for each in faults.processes_of(settings, name).postgres
    ):
        try:
            maps = Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")
        except OSError:
            continue
        words = (line.split(maxsplit=5)[-1] for line in maps.splitlines())
        found |= {Path(word) for word in words if word.startswith(SEGMENTS)}
    return found


def recover(settings: Settings, report: Report) -> tuple[Record, Choice | None]:
    """What `howdah recover --yes` does; its record, and what it had suggested.

    Raises Conflict while another recovery is unfinished, and what a recovery raises.
    """
    with recovery_lock(settings.layout):
        journal = open_journal(settings.layout, report)
        if journal is not None:
            raise CommandFailed(
                f"recovery {journal.record.id} is unfinished",
                hint="`howdah recover --resume` continues it, --give-up takes it back",
            )
        operator = Suggested()
        journal = begin_journal(settings.layout, report, STEPS)
        _guide(settings, journal, operator).run()
    return journal.record, operator.suggested


def end_loss(settings: Settings, _: str) -> None:
    """Finish the recovery when it has come far enough, else bring back what was lost.

    Either way one database remains and runs. Does nothing when nothing is lost.
    """
    if not _lost(settings):
        return
    with recovery_lock(settings.layout):
        journal = open_journal(settings.layout, silent)
        if journal is not None:
            _end(_guide(settings, journal, Suggested()))
    if not recovered(settings):
        _bring_back(settings)
    for name in _lost(settings):
        shutil.rmtree(_aside(settings, name))


def recovered(settings: Settings) -> bool:
    """Whether a database that takes writes stands where a lost one stood."""
    found = [item for item in _places(settings) if (item.live / "PG_VERSION").exists()]
    return any(promoted_already(item) for item in found)


def _end(guide: Guide) -> None:
    """Take the recovery back; past the point of no return, finish it."""
    try:
        guide.give_up()
    except CommandFailed:
        guide.run()


def _bring_back(settings: Settings) -> None:
    """The lost data where they were, and everything running on them if the stack runs."""
    layout = settings.layout
    stop_writers(settings, _places(settings))
    for name in _lost(settings):
        data = faults.data_of(settings, name)
        if data.exists():
            shutil.rmtree(data)
        _aside(settings, name).rename(data)
    supervisor = Supervisor(layout.supervisor_socket)
    if supervisor.answers():
        start_everything(settings, supervisor.states(), Silent())


def _places(settings: Settings) -> list[Place]:
    """Of every server that may lead, and so may have been restored."""
    topology, layout = settings.topology, settings.layout
    if not topology.clustered:
        return [place_of(topology, layout)]
    return [place_of(topology, layout, item.name) for item in topology.members if item.candidate]


def _lost(settings: Settings) -> list[str]:
    return [name for name in servers(settings) if _aside(settings, name).exists()]


def _aside(settings: Settings, name: str) -> Path:
    data = faults.data_of(settings, name)
    return data.with_name(f"{data.name}{ASIDE_SUFFIX}")


def _guide(settings: Settings, journal: Journal, operator: Suggested) -> Guide:
    return Guide(LocalProvider(settings, Silent()), journal, operator, str(settings.home))
