"""What has run, what is pending, and what does not fit together. Reads only."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from howdah.foundation.settings import Settings
from howdah.operations.migrations.backfill_progress import unfinished
from howdah.operations.migrations.files import Migration, read_migrations
from howdah.operations.migrations.history import Entry, Standing, interrupted, standing_of
from howdah.operations.migrations.ledger import adoptions, applied_versions, read_entries
from howdah.operations.migrations.losses import Loss, losses_of, rows_lost
from howdah.operations.migrations.plan import (
    changed_files,
    check_unchanged,
    plan_down,
    unknown_versions,
)
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly

INVALID_INDEXES = """
    SELECT indexrelid::regclass::text
    FROM pg_index JOIN pg_class ON oid = indexrelid
    WHERE NOT indisvalid AND relkind = 'i'
        AND indexrelid NOT IN (SELECT index_relid FROM pg_stat_progress_create_index)
    ORDER BY 1
"""


@dataclass(frozen=True)
class Applied:
    """One that has run. What only our own ledger knows is None for another tool's."""

    version: str
    name: str
    at: datetime | None
    duration_seconds: float | None
    operator: str | None
    adopted: bool
    """Whether another tool ran it."""
    changed: bool
    """Whether the file is no longer what ran."""


@dataclass(frozen=True)
class Status:
    """Names of files in the order they run; `unknown` are versions without a file.

    `details` are in the order they ran. `invalid_indexes` is what interrupted builds have left.
    """

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]
    changed: tuple[str, ...]
    interrupted: tuple[str, ...]
    invalid_indexes: tuple[str, ...]
    details: tuple[Applied, ...]

    @property
    def sound(self) -> bool:
        """Whether `up` would not refuse; what is pending is no fault."""
        return not (self.unknown or self.changed or self.interrupted or self.invalid_indexes)


@dataclass(frozen=True)
class PlannedDown:
    """What would be taken back, newest first, and the data that would be deleted."""

    names: tuple[str, ...]
    losses: tuple[Loss, ...]


def migration_status(settings: Settings) -> Status:
    """Compare the folder with the ledger; changes nothing, and may ask a standby.

    Raises MigrationFileInvalid, Unavailable.
    """
    with connect_directly(settings, OWNER) as connection:
        applied = applied_versions(connection)
        entries = read_entries(connection)
        migrations = read_migrations(settings.migrations, ran={item.sha256 for item in entries})
        rows = unfinished(connection)
        invalid = connection.execute(INVALID_INDEXES).fetchall()
    files = changed_files(migrations, standing_of(entries))
    changed = {file.version for file, _ in files} & applied
    return Status(
        applied=tuple(item.name for item in migrations if item.version in applied),
        pending=tuple(item.name for item in migrations if item.version not in applied),
        unknown=unknown_versions(migrations, applied),
        changed=tuple(item.name for item in migrations if item.version in changed),
        interrupted=tuple(_half_done(item, rows) for item in interrupted(entries)),
        invalid_indexes=tuple(name for (name,) in invalid),
        details=_details(migrations, applied, entries, changed),
    )


def planned_down(settings: Settings, *, steps: int = 1, to: str | None = None) -> PlannedDown:
    """What `migrate_down` would take back and delete; changes nothing. Raises as it does."""
    migrations = read_migrations(settings.migrations)
    with connect_directly(settings, OWNER) as connection:
        entries = read_entries(connection)
        check_unchanged(migrations, standing_of(entries))
        order = _run_order(applied_versions(connection), entries)
        plan = plan_down(migrations, order, steps=steps, to=to)
        losses = [loss for migration in plan for loss in losses_of(migration)]
        return PlannedDown(tuple(item.name for item in plan), rows_lost(connection, losses))


def _half_done(entry: Entry, rows: Mapping[tuple[str, str], int]) -> str:
    """`017_fill up`, `017_fill up after 12,000 rows`."""
    done = rows.get((entry.version, entry.direction))
    return f"{entry.name} {entry.direction}" + (f" after {done:,} rows" if done else "")


def _run_order(applied: frozenset[str], entries: Sequence[Entry]) -> list[str]:
    """As the ledger will have it once it has adopted what another tool did."""
    known = [ran.version for ran in standing_of(entries) if ran.version in applied]
    come = [version for version, way in adoptions(entries, applied) if way == "up"]
    return [*known, *come]


def _details(
    migrations: Sequence[Migration],
    applied: frozenset[str],
    entries: Sequence[Entry],
    changed: set[str],
) -> tuple[Applied, ...]:
    files = {item.version: item.name for item in migrations}
    known = {ran.version: ran for ran in standing_of(entries)}
    return tuple(
        _detail(version, files.get(version, version), known.get(version), version in changed)
        for version in _run_order(applied, entries)
    )


def _detail(version: str, name: str, ran: Standing | None, changed: bool) -> Applied:
    if ran is None or ran.adopted:
        return Applied(version, name, None, None, None, adopted=True, changed=changed)
    return Applied(
        version, name, ran.at, ran.duration_seconds, ran.operator, adopted=False, changed=changed
    )
