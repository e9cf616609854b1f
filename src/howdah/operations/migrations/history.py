"""What the ledger's entries amount to: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

Direction = Literal["up", "down"]


class Event(StrEnum):
    """What an entry says about a migration."""

    BEGUN = "begun"
    """Outside a transaction only: an entry that nothing follows was interrupted."""
    DONE = "done"
    FAILED = "failed"
    """Outside a transaction only; in one, a failure leaves nothing at all."""
    ADOPTED = "adopted"
    """Another tool did it; when and who is not known."""
    ACCEPTED = "accepted"
    """Somebody answers for a file that was changed after it ran."""


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `sha256` is None when there was no file of it."""

    at: datetime
    version: str
    name: str
    direction: Direction
    event: str
    """One of Event."""
    sha256: str | None
    duration_seconds: float | None
    operator: str
    """Account and host, such as `ada@db1`."""
    database_role: str
    tool_version: str
    note: str


@dataclass(frozen=True)
class Standing:
    """A migration that has run and was not taken back."""

    version: str
    name: str
    sha256: str | None
    at: datetime
    duration_seconds: float | None
    operator: str
    adopted: bool


def standing_of(entries: Iterable[Entry]) -> tuple[Standing, ...]:
    """What has run and was not taken back, in the order it ran."""
    found: dict[str, Standing] = {}
    for entry in entries:
        if entry.event in (Event.DONE, Event.ADOPTED):
            found.pop(entry.version, None)
            if entry.direction == "up":
                found[entry.version] = _standing(entry)
        elif entry.event == Event.ACCEPTED and entry.version in found:
            before = found[entry.version]
            found[entry.version] = Standing(**{**vars(before), "sha256": entry.sha256})
    return tuple(found.values())


def interrupted(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries that say begun and that nothing says the end of."""
    last: dict[str, Entry] = {}
    for entry in entries:
        if entry.event != Event.ACCEPTED:
            last[entry.version] = entry
    return tuple(entry for entry in last.values() if entry.event == Event.BEGUN)


def _standing(entry: Entry) -> Standing:
    return Standing(
        entry.version,
        entry.name,
        entry.sha256,
        entry.at,
        entry.duration_seconds,
        entry.operator,
        adopted=entry.event == Event.ADOPTED,
    )
