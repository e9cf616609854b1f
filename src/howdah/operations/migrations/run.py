"""Bring the schema up or take it back down."""

from collections.abc import Sequence

from howdah.foundation.errors import Conflict
from howdah.foundation.settings import Settings
from howdah.operations.migrations.apply import apply_section
from howdah.operations.migrations.files import Migration, read_migrations
from howdah.operations.migrations.history import Direction, Standing
from howdah.operations.migrations.plan import (
    changed_files,
    check_known,
    check_unchanged,
    find_migration,
    plan_down,
    plan_up,
)
from howdah.operations.migrations.session import Patience, Report, Session, migration_session

PATIENCE = Patience()


def silent(_: str) -> None:
    """Report nothing."""


def migrate_up(  # noqa: PLR0913  (each is an option of the command)
    settings: Settings,
    to: str | None = None,
    *,
    out_of_order: bool = False,
    may_be_ahead: bool = False,
    patience: Patience = PATIENCE,
    report: Report = silent,
) -> list[str]:
    """Run what is pending, up to and including `to`; returns the names that ran.

    `may_be_ahead`: a database that has run more than there are files of is left as it is, for
    the code of the release before, which runs on the schema of the next.
    Raises MigrationFileInvalid and InvalidInput before anything runs, MigrationsDisagree,
    MigrationsRefused, MigrationFailed (what ran before it stays), Unavailable.
    """
    with migration_session(settings, patience, report) as session:
        migrations, applied = _agreed(session, settings)
        plan = plan_up(migrations, applied, to, out_of_order=out_of_order)
        if plan or not may_be_ahead:
            check_known(migrations, applied)
        return _run(session, plan, "up")


def migrate_down(
    settings: Settings,
    *,
    steps: int = 1,
    to: str | None = None,
    patience: Patience = PATIENCE,
    report: Report = silent,
) -> list[str]:
    """Take back the last `steps`, or everything that ran after `to`; the names, newest first.

    Raises as `migrate_up` does.
    """
    with migration_session(settings, patience, report) as session:
        migrations, applied = _agreed(session, settings)
        plan = plan_down(migrations, applied, steps=steps, to=to)
        return _run(session, plan, "down")


def accept_change(
    settings: Settings, asked: str, reason: str, *, patience: Patience = PATIENCE
) -> Migration:
    """Let the file of a migration as it is now stand for what ran; the ledger keeps who and why.

    Raises InvalidInput for one that does not exist, Conflict for one that was not changed.
    """
    migrations = read_migrations(settings.migrations)
    wanted = find_migration(migrations, asked)
    with migration_session(settings, patience, silent) as session:
        standing = _standing(session, migrations)
        if wanted not in [file for file, _ in changed_files(migrations, standing)]:
            raise Conflict(
                f"Migration {wanted.path.name} has not run here, or is what ran.",
                hint="`howdah migrate status` shows which files were changed.",
            )
        session.ledger.accept(wanted, reason)
    return wanted


def _agreed(session: Session, settings: Settings) -> tuple[tuple[Migration, ...], list[str]]:
    """The files, and the versions that have run in their order, once every file is what ran."""
    ran = {entry.sha256 for entry in session.ledger.entries()}
    migrations = read_migrations(settings.migrations, ran=ran)
    standing = _standing(session, migrations)
    check_unchanged(migrations, standing)
    return migrations, [ran.version for ran in standing]


def _standing(session: Session, migrations: Sequence[Migration]) -> tuple[Standing, ...]:
    """After taking over what another tool did."""
    adopted = session.ledger.adopt(migrations)
    if adopted:
        session.report(f"Taken over from another tool: {len(adopted)} migrations.")
    return session.ledger.standing()


def _run(session: Session, plan: Sequence[Migration], direction: Direction) -> list[str]:
    for migration in plan:
        apply_section(session, migration, direction)
        session.report(f"{migration.name}: {direction}")
    return [migration.name for migration in plan]
