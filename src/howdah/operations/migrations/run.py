"""Bring the schema up or take it back down."""

from howdah.foundation.settings import Settings
from howdah.operations.migrations.apply import apply_section
from howdah.operations.migrations.files import read_migrations
from howdah.operations.migrations.ledger import applied_versions, forget, record
from howdah.operations.migrations.plan import plan_down, plan_up
from howdah.operations.migrations.session import Patience, Report, migration_session

PATIENCE = Patience()


def silent(_: str) -> None:
    """Report nothing."""


def migrate_up(
    settings: Settings,
    to: str | None = None,
    *,
    patience: Patience = PATIENCE,
    report: Report = silent,
) -> list[str]:
    """Run what is pending, up to and including `to`; returns the names that ran.

    Raises MigrationFileInvalid and InvalidInput before anything runs, MigrationsDisagree,
    MigrationFailed (what ran before it stays), Unavailable.
    """
    migrations = read_migrations(settings.migrations)
    with migration_session(settings, patience, report) as connection:
        plan = plan_up(migrations, applied_versions(connection), to)
        for migration in plan:
            apply_section(connection, migration, migration.up, record, patience)
            report(f"{migration.name}: up")
    return [migration.name for migration in plan]


def migrate_down(
    settings: Settings,
    *,
    steps: int = 1,
    to: str | None = None,
    patience: Patience = PATIENCE,
    report: Report = silent,
) -> list[str]:
    """Take back the last `steps`, or everything after `to`; returns the names, newest first.

    Raises as `migrate_up` does.
    """
    migrations = read_migrations(settings.migrations)
    with migration_session(settings, patience, report) as connection:
        plan = plan_down(migrations, applied_versions(connection), steps=steps, to=to)
        for migration in plan:
            apply_section(connection, migration, migration.down, forget, patience)
            report(f"{migration.name}: down")
    return [migration.name for migration in plan]
