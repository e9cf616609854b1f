"""Which migrations to run: pure, from the files and the versions that the ledger holds."""

from collections.abc import Sequence, Set

from howdah.foundation.errors import CommandFailed, InvalidInput
from howdah.operations.migrations.files import Migration

NOTHING = "000"


class MigrationsDisagree(CommandFailed):
    """The folder of migrations and the database's ledger do not fit together."""

    code = "migrations_disagree"


def plan_up(
    migrations: Sequence[Migration], applied: Set[str], to: str | None = None
) -> tuple[Migration, ...]:
    """What is pending, oldest first, up to and including version `to`.

    A database that is ahead of the files is left alone: older code runs on the newer schema.
    Raises MigrationsDisagree, and InvalidInput for a `to` that does not exist.
    """
    last = _version(migrations, to) if to is not None else None
    pending = tuple(item for item in migrations if item.version not in applied)
    wanted = tuple(item for item in pending if last is None or item.version <= last)
    if wanted:
        _check_order(wanted[0], applied)
    return wanted


def plan_down(
    migrations: Sequence[Migration], applied: Set[str], *, steps: int = 1, to: str | None = None
) -> tuple[Migration, ...]:
    """What to take back, newest first: the last `steps`, or everything after version `to`.

    `to` = "000" takes everything back. Raises MigrationsDisagree and InvalidInput.
    """
    _check_known(migrations, applied)
    done = tuple(item for item in reversed(migrations) if item.version in applied)
    if to is not None:
        first_kept = NOTHING if to.isdigit() and int(to) == 0 else _version(migrations, to)
        return tuple(item for item in done if item.version > first_kept)
    if steps < 1:
        raise InvalidInput(f"{steps} steps down is not possible.", hint="Give 1 or more.")
    return done[:steps]


def unknown_versions(migrations: Sequence[Migration], applied: Set[str]) -> tuple[str, ...]:
    """Versions in the ledger that no file here has."""
    return tuple(sorted(applied - {item.version for item in migrations}))


def _version(migrations: Sequence[Migration], asked: str) -> str:
    """The version somebody means by `7`, `007` or `007_keep_updated_at`."""
    for item in migrations:
        if asked in (item.version, item.name) or (
            asked.isdigit() and int(asked) == int(item.version)
        ):
            return item.version
    known = f"001 to {migrations[-1].version}" if migrations else "no migration at all"
    raise InvalidInput(f"There is no migration {asked}.", hint=f"There is {known}.")


def _check_order(first: Migration, applied: Set[str]) -> None:
    later = max(applied, default=NOTHING)
    if later > first.version:
        raise MigrationsDisagree(
            f"Migration {first.path.name} has not run, but {later} after it has.",
            hint="Renumber it to come last, or take the later ones back first "
            f"(`howdah migrate down --to {int(first.version) - 1:03d}`).",
        )


def _check_known(migrations: Sequence[Migration], applied: Set[str]) -> None:
    unknown = unknown_versions(migrations, applied)
    if unknown:
        raise MigrationsDisagree(
            f"The database has run {', '.join(unknown)}, which this version has no file for.",
            hint="Take them back with the version of the code that brought them.",
        )
