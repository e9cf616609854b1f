"""A copy of a database in a scratch database."""

from pathlib import Path
from tempfile import TemporaryDirectory

from howdah.foundation.errors import InvalidInput
from howdah.foundation.processes.run import run
from howdah.foundation.rendering.patroni import POSTGRESQL_BINARIES
from howdah.foundation.settings import Settings
from howdah.operations.migrations.dump import PG_DUMP, address, credentials
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly

PG_RESTORE = str(Path(POSTGRESQL_BINARIES) / "pg_restore")
PSQL = str(Path(POSTGRESQL_BINARIES) / "psql")
CUSTOM_FORMAT = b"PGDMP"
RESTORE_SECONDS = 24 * 3600.0


def copy_live(settings: Settings, target: Settings) -> str:
    """Copy the live database as it is now, without holding anybody up; returns what it is.

    Raises ProcessFailed.
    """
    with TemporaryDirectory(prefix="howdah-rehearsal-") as folder:
        file = Path(folder) / "copy.dump"
        dump = [PG_DUMP, "--format=custom", "--compress=1", f"--file={file}", *address(settings)]
        run(dump, env=credentials(settings), timeout_seconds=RESTORE_SECONDS)
        _restore(file, target)
    return f"the database {settings.topology.postgresql.database} as it is now"


def copy_dump(file: Path, target: Settings) -> str:
    """Restore a dump of `pg_dump`, in its custom format or as plain SQL; returns what it is.

    Raises InvalidInput, ProcessFailed.
    """
    try:
        with file.open("rb") as opened:
            custom = opened.read(len(CUSTOM_FORMAT)) == CUSTOM_FORMAT
    except OSError as failure:
        raise InvalidInput(
            f"The dump {file} cannot be read: {failure.strerror}.",
            hint="Name a file that `pg_dump --format=custom` or plain pg_dump has written.",
        ) from failure
    (_restore if custom else _run_sql)(file, target)
    return f"the dump {file}"


def _restore(file: Path, target: Settings) -> None:
    command = [PG_RESTORE, "--exit-on-error", *address(target), str(file)]
    run(command, env=credentials(target), timeout_seconds=RESTORE_SECONDS)
    _analyze(target)


def _run_sql(file: Path, target: Settings) -> None:
    options = ["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", f"--file={file}"]
    command = [PSQL, *options, *address(target)]
    run(command, env=credentials(target), timeout_seconds=RESTORE_SECONDS)
    _analyze(target)


def _analyze(target: Settings) -> None:
    """A dump has no statistics; without them the planner would take other ways than live."""
    with connect_directly(target, SUPERUSER) as connection:
        connection.execute("VACUUM (ANALYZE)")
