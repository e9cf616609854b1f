"""What backups there are, and the time that can be gone back to."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from howdah.foundation.settings import Settings
from howdah.operations.backups.program import repository_info, require_backups

KINDS = {"full": "full", "incr": "incremental", "diff": "differential"}


@dataclass(frozen=True)
class Backup:
    """One backup in the repository. Sizes in bytes; `label` is pgBackRest's name of it."""

    label: str
    kind: str
    """`full`, `incremental` or `differential`."""
    begun: datetime
    ended: datetime
    database_bytes: int
    """What a restore of it writes."""
    repository_bytes: int
    """What it added to the repository, compressed."""
    wal_start: str
    wal_stop: str
    lsn_start: str
    lsn_stop: str
    damaged: bool
    """Whether pages failed their checksum when they were read: the database itself is damaged."""
    prior: str | None = None
    """The backup that an incremental one builds on."""

    @property
    def seconds(self) -> float:
        """How long it took."""
        return (self.ended - self.begun).total_seconds()

    @property
    def timeline(self) -> int:
        """The timeline that it was taken on."""
        return int(self.wal_stop[:8], 16)


@dataclass(frozen=True)
class Listing:
    """The backups, oldest first, and the newest segment in the archive."""

    backups: tuple[Backup, ...]
    newest_segment: str | None

    @property
    def newest(self) -> Backup | None:
        """The one that ended last."""
        return self.backups[-1] if self.backups else None

    @property
    def earliest(self) -> datetime | None:
        """The first moment that can be restored: when the oldest backup was complete."""
        return self.backups[0].ended if self.backups else None


def backups_of(settings: Settings) -> Listing:
    """What the repository holds now. Raises BackupsDisabled, BackupProgramFailed."""
    require_backups(settings)
    return listing_of(repository_info(settings))


def listing_of(info: Mapping[str, Any]) -> Listing:
    """pgBackRest's `info` as a listing. Pure."""
    backups = sorted((_backup(item) for item in info["backup"]), key=lambda item: item.ended)
    segments = [item["max"] for item in info.get("archive", ()) if item.get("max")]
    return Listing(tuple(backups), max(segments, default=None))


def _backup(item: Mapping[str, Any]) -> Backup:
    moments, archive, lsn, size = item["timestamp"], item["archive"], item["lsn"], item["info"]
    return Backup(
        label=item["label"],
        kind=KINDS.get(item["type"], item["type"]),
        begun=datetime.fromtimestamp(moments["start"], UTC),
        ended=datetime.fromtimestamp(moments["stop"], UTC),
        database_bytes=size["size"],
        repository_bytes=size["repository"]["delta"],
        wal_start=archive["start"],
        wal_stop=archive["stop"],
        lsn_start=lsn["start"],
        lsn_stop=lsn["stop"],
        damaged=bool(item["error"]),
        prior=item["prior"],
    )
