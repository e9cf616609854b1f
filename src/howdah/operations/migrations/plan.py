"""Which migrations to run, and whether files and ledger agree: pure."""

from collections.abc import Collection, Sequence

from howdah.foundation.errors import CommandFailed, InvalidInput
from howdah.operations.migrations.files import Migration
from howdah.operations.migrations.history import Standing

NOTHING = "000"


class MigrationsDisagree(CommandFailed):
    """The folder of migrations and the database's ledger do not fit together."""

    code = "migrations_disagree"


def plan_up(
    migrations: Sequence[Migration],
    applied: Collection[str],
    to: str | None = None,
    *,
    out_of_order: bool = False,
) -> tuple[Migration, ...]:
    """What is pending, oldest first, up to and including version `to`.

    Raises MigrationsDisagree when a later one has run already, unless `out_of_order`; and
    InvalidInput for a `to` that does not exist.
    """
    last = _find(migrations, to).number if to is not None else None
    pending = tuple(item for item in migrations if item.version not in applied)
    wanted = tuple(item for item in pending if last is None or item.number <= last)
    if wanted and not out_of_order:
        _check_order(wanted[0], applied)
    return wanted


def plan_down(
    migrations: Sequence[Migration],
    applied: Sequence[str],
    *,
    steps: int = 1,
    to: str | None = None,
) -> tuple[Migration, ...]:
    """What to take back: the last `steps`, or everything that ran after version `to`.

    `applied` is in the order they ran, and the result strictly in the reverse of it: one that
    ran out of its order is taken back before those that ran before it. `to` = "000" takes
    everything back. Raises MigrationsDisagree, also for one without a way back, and InvalidInput.
    """
    check_known(migrations, applied)
    files = {item.version: item for item in migrations}
    done = tuple(files[version] for version in applied)
    kept = _kept(migrations, done, to) if to is not None else max(0, len(done) - _positive(steps))
    plan = done[kept:][::-1]
    _check_reversible(plan)
    return plan


def unknown_versions(migrations: Sequence[Migration], applied: Collection[str]) -> tuple[str, ...]:
    """Versions in the ledger that no file here has."""
    return tuple(sorted(set(applied) - {item.version for item in migrations}, key=_number))


def changed_files(
    migrations: Sequence[Migration], standing: Sequence[Standing]
) -> tuple[tuple[Migration, Standing], ...]:
    """Files that are not what ran, each with what the ledger says ran."""
    files = {item.version: item for item in migrations}
    pairs = ((files[ran.version], ran) for ran in standing if ran.version in files)
    return tuple((file, ran) for file, ran in pairs if ran.sha256 not in (None, file.sha256))


def check_unchanged(migrations: Sequence[Migration], standing: Sequence[Standing]) -> None:
    """Raises MigrationsDisagree when a file is not what ran."""
    for file, ran in changed_files(migrations, standing):
        raise MigrationsDisagree(
            f"Migration {file.path.name} was changed after it ran: the ledger has SHA-256 "
            f"{ran.sha256}, the file has {file.sha256}.",
            hint="Put the file back and write the change as a new migration. When only a comment "
            f"or white space changed: `howdah migrate accept {file.version} --reason TEXT`.",
            file=str(file.path),
        )


def check_known(migrations: Sequence[Migration], applied: Collection[str]) -> None:
    """Raises MigrationsDisagree when the database has run what there is no file of."""
    unknown = unknown_versions(migrations, applied)
    if unknown:
        raise MigrationsDisagree(
            f"The database has run {', '.join(unknown)}, which this version has no file for.",
            hint="Bring the missing file back, or migrate with the version of the code that "
            "brought them.",
        )


def find_migration(migrations: Sequence[Migration], asked: str) -> Migration:
    """The migration somebody means by `7`, `007` or `007_keep_updated_at`. Raises InvalidInput."""
    return _find(migrations, asked)


def _find(migrations: Sequence[Migration], asked: str) -> Migration:
    number = int(asked) if asked.isdecimal() else None
    for item in migrations:
        if asked in (item.version, item.name) or number == item.number:
            return item
    known = f"001 to {migrations[-1].version}" if migrations else "no migration at all"
    raise InvalidInput(f"There is no migration {asked}.", hint=f"There is {known}.")


def _kept(migrations: Sequence[Migration], done: Sequence[Migration], to: str) -> int:
    """How many of those done stay: up to `to`, or all before the first of a later number."""
    first_kept = 0 if to.isdecimal() and int(to) == 0 else _find(migrations, to).number
    numbers = [item.number for item in done]
    if first_kept in numbers:
        return numbers.index(first_kept) + 1
    later = (place for place, number in enumerate(numbers) if number > first_kept)
    return next(later, len(done))


def _positive(steps: int) -> int:
    if steps < 1:
        raise InvalidInput(f"{steps} steps down is not possible.", hint="Give 1 or more.")
    return steps


def _number(version: str) -> int:
    """Another tool's version may be anything."""
    return int(version) if version.isdecimal() else 0


def _check_order(first: Migration, applied: Collection[str]) -> None:
    later = max(applied, key=_number, default=NOTHING)
    if _number(later) > first.number:
        raise MigrationsDisagree(
            f"Migration {first.path.name} has not run, but {later} after it has.",
            hint="Renumber it to come last; or take the later ones back first "
            f"(`howdah migrate down --to {first.number - 1:03d}`); or, when it does not depend "
            "on them nor they on it, `howdah migrate up --out-of-order`.",
        )


def _check_reversible(plan: Sequence[Migration]) -> None:
    for item in plan:
        if item.irreversible:
            raise MigrationsDisagree(
                f"Migration {item.path.name} has no way back: {item.irreversible}",
                hint="Nothing was taken back. Write a new migration that does what you want, or "
                "restore a backup from before it.",
            )
