"""What has run, what is pending, and what the ledger knows that the folder does not."""

from dataclasses import dataclass

from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import read_migrations
from howdah.operations.migrations.ledger import applied_versions
from howdah.operations.migrations.plan import unknown_versions
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
    with connect_directly(settings, OWNER) as connection:
        applied = applied_versions(connection)
    return Status(
        applied=tuple(item.name for item in migrations if item.version in applied),
        pending=tuple(item.name for item in migrations if item.version not in applied),
        unknown=unknown_versions(migrations, applied),
    )
