"""What was found out about backups and archive, as plain values that can be kept. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from typing import Any, get_args, get_type_hints

KINDS = (
    "repository",
    "archive",
    "gaps",
    "backup",
    "space",
    "wal",
    "primary",
    "restore_test",
    "stale",
)
"""Every kind of problem: also the labels of the metric."""


@dataclass(frozen=True)
class Problem:
    """Something that is wrong, or could not be looked at."""

    kind: str
    sentence: str
    hint: str


@dataclass(frozen=True)
class Figures:
    """Moments, not ages: who reads them later computes those. None: could not be found out.

    Sizes in bytes.
    """

    backups: int | None = None
    newest_backup: str | None = None
    newest_backup_at: datetime | None = None
    """When it was complete."""
    newest_backup_bytes: int | None = None
    """What it added to the repository."""
    earliest: datetime | None = None
    """The first moment that can be restored."""
    newest_segment: str | None = None
    archived_at: datetime | None = None
    """When the newest segment came into the archive."""
    segments: int | None = None
    gaps: int | None = None
    missing_segments: int | None = None
    stored_bytes: int | None = None
    """Backups and WAL together."""
    repository_free_bytes: int | None = None
    """None also for a bucket."""
    repository_size_bytes: int | None = None
    waiting_bytes: int | None = None
    """WAL that the primary has written and the archive does not hold."""
    waiting_segments: int | None = None
    waiting_since: datetime | None = None
    failed_archivings: int | None = None
    wal_bytes: int | None = None
    """What pg_wal takes on the primary."""
    disk_free_bytes: int | None = None
    """Of the disk with PostgreSQL's data."""
    disk_size_bytes: int | None = None


@dataclass(frozen=True)
class Check:
    """What one look found."""

    moment: datetime
    problems: tuple[Problem, ...]
    figures: Figures

    def as_data(self) -> dict[str, Any]:
        """For JSON: moments as text in UTC."""
        return {
            "moment": _text(self.moment),
            "problems": [asdict(item) for item in self.problems],
            "figures": {name: _plain(value) for name, value in asdict(self.figures).items()},
        }


def check_from(document: Mapping[str, Any]) -> Check:
    """The other way round. Raises ValueError, KeyError, TypeError when it is no such document."""
    hints = get_type_hints(Figures)
    given = document["figures"]
    values = {item.name: _typed(hints[item.name], given.get(item.name)) for item in fields(Figures)}
    problems = tuple(
        Problem(str(item["kind"]), str(item["sentence"]), str(item["hint"]))
        for item in document["problems"]
    )
    return Check(datetime.fromisoformat(document["moment"]), problems, Figures(**values))


def _plain(value: object) -> object:
    return _text(value) if isinstance(value, datetime) else value


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()


def _typed(hint: Any, value: Any) -> Any:
    if value is None:
        return None
    if datetime in get_args(hint):
        return datetime.fromisoformat(value)
    return int(value) if int in get_args(hint) else str(value)
