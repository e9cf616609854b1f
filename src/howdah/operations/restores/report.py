"""What a restore did: where it ended exactly, and how long each part took."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from howdah.operations.backups.gaps import Switch, parse_history
from howdah.operations.restores.serverlog import Recovered
from howdah.operations.restores.target import lsn_text
from howdah.operations.restores.wal import WalReader
from howdah.operations.restores.waldump import (
    Transaction,
    first_transaction,
    last_transaction,
)
from howdah.operations.restores.window import Course

PHASES = ("restore", "start", "replay", "promote")
MB = 1_000_000


@dataclass(frozen=True)
class RestoreReport:
    """A finished restore."""

    target: str
    folder: str
    backup: str
    source_timeline: int
    timeline: int
    """The timeline that the restored database began."""
    reached_lsn: int
    """Where its own history begins: everything before it was restored."""
    reached_at: datetime | None
    """The moment of the last transaction that was replayed."""
    last: Transaction | None
    next: Transaction | None
    """The first one that is not in it, as the archive knows; None when nothing follows."""
    stopping: str
    """PostgreSQL's own sentence on why it stopped there."""
    database_bytes: int
    wal_bytes: int
    segments: int
    seconds: Mapping[str, float] = field(default_factory=dict)
    """Of each of PHASES."""
    started: bool = False
    port: int = 0
    socket: str = ""
    start_command: str = ""

    @property
    def total_seconds(self) -> float:
        """Of all phases."""
        return sum(self.seconds.values())

    @property
    def restore_mb_per_second(self) -> float:
        """Of the database's bytes."""
        return _rate(self.database_bytes, self.seconds.get("restore", 0.0))

    @property
    def replay_mb_per_second(self) -> float:
        """Of the WAL's bytes."""
        return _rate(self.wal_bytes, self.seconds.get("replay", 0.0))

    def as_data(self) -> dict[str, Any]:
        """For JSON; positions as PostgreSQL writes them."""
        return asdict(self) | {
            "reached_lsn": lsn_text(self.reached_lsn),
            "last": _transaction(self.last),
            "next": _transaction(self.next),
            "total_seconds": round(self.total_seconds, 3),
            "restore_mb_per_second": self.restore_mb_per_second,
            "replay_mb_per_second": self.replay_mb_per_second,
        }


def _transaction(found: Transaction | None) -> dict[str, Any] | None:
    if found is None:
        return None
    return {"xid": found.xid, "committed_at": found.moment, "lsn": lsn_text(found.lsn)}


def _rate(size: int, seconds: float) -> float:
    return round(size / MB / seconds, 1) if seconds > 0 else 0.0


def reached_lsn(data: Path, recovered: Recovered) -> int:
    """Where the new timeline begins: up to there the source's WAL was taken over."""
    timeline = recovered.timeline or 1
    history = data / "pg_wal" / f"{timeline:08X}.history"
    if timeline > 1 and history.exists():
        switches: tuple[Switch, ...] = parse_history(timeline, history.read_text(encoding="utf-8"))
        return switches[-1].lsn
    return recovered.last_record_lsn or 0


def neighbours(
    reader: WalReader, course: Course, lsn: int
) -> tuple[Transaction | None, Transaction | None]:
    """The last commit before a position and the first one from it on, as the archive has them."""
    return _last_before(reader, course, lsn), _first_from(reader, course, lsn)


def _last_before(reader: WalReader, course: Course, lsn: int) -> Transaction | None:
    upto = [item for item in course.segments if item.number * course.segment_bytes < lsn]
    for _, records in reader.newest_first(upto):
        if found := last_transaction(records, lsn):
            return found
    return None


def _first_from(reader: WalReader, course: Course, lsn: int) -> Transaction | None:
    later = [item for item in course.segments if (item.number + 1) * course.segment_bytes > lsn]
    start = lsn if later and later[0].number * course.segment_bytes < lsn else None
    for _, records in reader.oldest_first(later, start):
        if found := first_transaction(records, lsn):
            return found
    return None
