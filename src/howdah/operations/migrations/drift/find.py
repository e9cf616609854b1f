"""Compare the live schema with the one that its own migrations make on a scratch database."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings
from howdah.operations.migrations.drift.differences import Difference, differences
from howdah.operations.migrations.drift.who import Change, read_audit
from howdah.operations.migrations.dump import dump_schema
from howdah.operations.migrations.run import migrate_up
from howdah.operations.migrations.scratch import scratch_database
from howdah.operations.migrations.status import Status, migration_status


class DriftUnknown(CommandFailed):
    """Whether the schema has drifted cannot be said."""

    code = "drift_unknown"


@dataclass(frozen=True)
class Drift:
    """The last migration that has run, what differs from its schema, and who did that."""

    version: str
    differences: tuple[Difference, ...]
    changed_by: Mapping[str, Change] = field(default_factory=dict)
    """Name of what differs → the last change of it that an audit log tells of."""
    audited_since: datetime | None = None
    """How far the audit logs go back; None when nothing differs or there are none."""


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
        found = tuple(differences(dump_schema(scratch), dump_schema(settings)))
    if not found:
        return Drift(last, ())
    audit = read_audit(settings)
    named = {one.object: audit.last_to_name(one) for one in found}
    by = {title: change for title, change in named.items() if change}
    return Drift(last, found, by, audit.since)


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
