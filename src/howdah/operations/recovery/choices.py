"""What can be done about a disaster, and what is suggested. Pure: what is known in, words out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from howdah.operations.restores.target import LATEST, Target, moment_text, parse_target

START, PROMOTE, RESTORE, NOTHING = "start", "promote", "restore", "nothing"
ACTIONS = (START, PROMOTE, RESTORE)
INFRASTRUCTURE, CORRUPTION, SOUND = "infrastructure failure", "data corruption", "no damage seen"


@dataclass(frozen=True)
class Choice:
    """What is to be done. `hold`: nobody writes while a restore is being made."""

    action: str
    to: str = LATEST
    before: bool = False
    member: str | None = None
    hold: bool = False
    label: str = ""
    """The backup to begin from; empty: the newest that fits."""
    timeline: int = 0
    """The timeline to follow; 0: production's."""

    @property
    def target(self) -> Target:
        """Where a restore ends. Raises TargetUnclear."""
        return parse_target(self.to, before=self.before)

    def document(self) -> dict[str, Any]:
        """As it is recorded."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Choice":
        """As it was recorded."""
        return cls(**document)

    def __str__(self) -> str:
        """In words: `restore to 2026-11-22 10:00:00+00`."""
        match self.action:
            case "restore":
                return f"restore to {self.target}"
            case "promote":
                return f"promote {self.member or 'the synchronous standby'}"
            case "start":
                return "start what is there"
            case _:
                return "do nothing"


@dataclass(frozen=True)
class ServerState:
    """One PostgreSQL server: what it says, or why it says nothing."""

    name: str
    leads: bool = False
    data_there: bool = True
    trouble: str = ""
    checksum_failures: int = 0
    last_failure_at: datetime | None = None
    may_lead: bool = True

    @property
    def reachable(self) -> bool:
        """Whether it answered."""
        return not self.trouble


@dataclass(frozen=True)
class Assessment:
    """What is known of the damage. `sentences` tell it all to a person."""

    kind: str
    servers: tuple[ServerState, ...]
    sync_standby: str | None = None
    archive_ends_at: datetime | None = None
    earliest: datetime | None = None
    repository_trouble: str = ""
    suggested: Choice = field(default_factory=lambda: Choice(NOTHING))
    reasons: tuple[str, ...] = ()

    def sentences(self) -> tuple[str, ...]:
        """Every finding, then what is suggested and why."""
        return (
            f"judged: {self.kind}",
            *(_server(item) for item in self.servers),
            *self._archive(),
            f"suggested: {self.suggested}",
            *self.reasons,
        )

    def _archive(self) -> tuple[str, ...]:
        if self.repository_trouble:
            return (f"the repository cannot be used: {self.repository_trouble}",)
        if self.earliest is None:
            return ("the repository holds no backup",)
        until = moment_text(self.archive_ends_at) if self.archive_ends_at else "its end"
        return (f"can be restored: {moment_text(self.earliest)} to {until}",)


def _server(item: ServerState) -> str:
    if not item.reachable:
        data = "" if item.data_there else "; its data directory is gone"
        return f"{item.name} does not answer: {item.trouble}{data}"
    role = "leads" if item.leads else "follows"
    if item.checksum_failures:
        last = f", the last at {moment_text(item.last_failure_at)}" if item.last_failure_at else ""
        return f"{item.name} {role}; {item.checksum_failures} pages failed their checksum{last}"
    return f"{item.name} {role}; no page has failed its checksum"


def judge(servers: tuple[ServerState, ...]) -> str:
    """Corruption, infrastructure, or neither seen."""
    if any(item.checksum_failures for item in servers):
        return CORRUPTION
    if not any(item.leads for item in servers) or any(not item.reachable for item in servers):
        return INFRASTRUCTURE
    return SOUND


def suggest(
    servers: tuple[ServerState, ...], sync_standby: str | None, restorable: bool
) -> tuple[Choice, tuple[str, ...]]:
    """What to do, and why, for somebody who has just been woken up."""
    leader = next((item for item in servers if item.leads), None)
    standby = next((item for item in servers if item.name == sync_standby and item.reachable), None)
    sound_standby = standby if standby and not standby.checksum_failures else None
    if leader and not leader.checksum_failures:
        return Choice(NOTHING), (
            "who leads serves and its pages are sound: the database needs no recovery",
            "`howdah up` starts what else is missing; wrong or deleted rows are not seen here: if "
            "that is it, restore to just before it (--choice restore --to TIME)",
        )
    if sound_standby:
        return Choice(PROMOTE, member=sound_standby.name), (
            f"{sound_standby.name} is the synchronous standby: nothing acknowledged is lost",
        )
    if leader is None and _could_start(servers):
        return Choice(START), (
            "data directories are there and no server answers: starting them loses nothing",
        )
    if restorable:
        return Choice(RESTORE), (
            "nobody has the data whole; the archive does, up to its last segment",
        )
    return Choice(NOTHING), ("nothing can be promoted, and nothing restored: see the repository",)


def _could_start(servers: tuple[ServerState, ...]) -> bool:
    return any(item.data_there and item.may_lead and not item.checksum_failures for item in servers)
