"""Compare the live schema with the one that its own migrations make on a scratch database."""

from dataclasses import dataclass

from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings
from howdah.operations.migrations.drift.differences import Difference, differences
from howdah.operations.migrations.dump import dump_schema
from howdah.operations.migrations.run import migrate_up
from howdah.operations.migrations.scratch import scratch_database
from howdah.operations.migrations.status import Status, migration_status


class DriftUnknown(CommandFailed):
    """Whether the schema has drifted cannot be said."""

    code = "drift_unknown"


@dataclass(frozen=True)
class Drift:
    """The last migration that has run, and what differs from its schema."""

    version: str
    differences: tuple[Difference, ...]


def find_drift(settings: Settings) -> Drift:
    """What somebody changed by other means than a migration; changes nothing.

    Raises DriftUnknown when the files cannot say what the schema should be, Unavailable,
    ProcessFailed.
    """
    status = migration_status(settings)
    _check(status)
    last = status.applied[-1].partition("_")[0]
    with scratch_database(settings) as scratch:
        migrate_up(scratch, last)
        found = differences(dump_schema(scratch), dump_schema(settings))
    return Drift(last, tuple(found))


def _check(status: Status) -> None:
    """Something has run, and the files are what ran and all that ran."""
    if not status.applied:
        raise DriftUnknown("No migration has run here.", hint="Begin with `./howdah migrate up`.")
    if status.unknown or status.changed:
        names = ", ".join([*status.unknown, *status.changed])
        raise DriftUnknown(
            f"The files are not what this database has run: {names}.",
            hint="Use the code that migrated it; `./howdah migrate status` shows more.",
        )
    skipped = [name for name in status.pending if name < status.applied[-1]]
    if skipped:
        raise DriftUnknown(
            f"{', '.join(skipped)} has not run, but later migrations have.",
            hint="Run it (`./howdah migrate up --out-of-order`), then look again.",
        )
