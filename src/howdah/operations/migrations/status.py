"""What has run, what is pending, and what the ledger knows that the folder does not."""

from dataclasses import dataclass

from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import read_migrations
from howdah.operations.migrations.ledger import applied_versions
from howdah.operations.migrations.plan import plan_down, unknown_versions
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly


@dataclass(frozen=True)
class Status:
    """Names of files in the order they run; `unknown` are versions without a file."""

    applied: tuple[str, ...]
    pending: tuple[str, ...]
    unknown: tuple[str, ...]


def migration_status(settings: Settings) -> Status:
    """Compare the folder with the ledger; changes nothing.

    Raises MigrationFileInvalid, Unavailable.
    """
    migrations = read_migrations(settings.migrations)
    applied = _applied(settings)
    return Status(
        applied=tuple(item.name for item in migrations if item.version in applied),
        pending=tuple(item.name for item in migrations if item.version not in applied),
        unknown=unknown_versions(migrations, applied),
    )


def planned_down(settings: Settings, *, steps: int = 1, to: str | None = None) -> list[str]:
    """The names that `migrate_down` would take back, newest first; changes nothing."""
    migrations = read_migrations(settings.migrations)
    plan = plan_down(migrations, _applied(settings), steps=steps, to=to)
    return [migration.name for migration in plan]


def _applied(settings: Settings) -> frozenset[str]:
    with connect_directly(settings, OWNER) as connection:
        return applied_versions(connection)
