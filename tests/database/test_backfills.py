"""Backfills: batches along the primary key, no faster than allowed, resumable, and they end."""

import threading
import time
from pathlib import Path

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_down, migrate_up, migration_status
from howdah.operations.migrations.apply import MigrationFailed
from howdah.operations.migrations.ledger import read_entries
from howdah.operations.roles.catalog import OWNER, SUPERUSER
from howdah.operations.roles.connect import connect_directly
from tests.database.migration_files import IMPATIENT, up_and_down, with_files
from tests.database.test_dbmate import dbmate

ALONE = " transaction:false"
ROWS = 1000
NUMBERS = f"""
CREATE TABLE numbers (id integer PRIMARY KEY, value integer NOT NULL DEFAULT 0);
INSERT INTO numbers SELECT generate_series(1, {ROWS});
"""


def backfill(statement: str, options: str = "batch:100 rate:1000000") -> str:
    up = f"-- backfill: numbers {options}\n{statement}"
    return up_and_down(up, option=ALONE)


def one_more(options: str = "batch:100 rate:1000000") -> str:
    return backfill("UPDATE numbers SET value = value + 1 WHERE /* batch */ true;", options)


def folder(settings: Settings, path: Path, table: str, filling: str) -> Settings:
    return with_files(
        settings,
        path,
        _001_table=up_and_down(table, "DROP TABLE IF EXISTS numbers;"),
        _002_fill=filling,
    )


def asked(settings: Settings, query: str) -> list[tuple[object, ...]]:
    with connect_directly(settings, OWNER) as connection:
        return connection.execute(query.encode()).fetchall()


def note(settings: Settings) -> str:
    with connect_directly(settings, OWNER) as connection:
        return read_entries(connection)[-1].note


def test_every_row_is_changed_once_in_batches_of_their_own_transactions(
    empty_database: Settings, tmp_path: Path
) -> None:
    target = folder(empty_database, tmp_path, NUMBERS, one_more())
    assert migrate_up(target) == ["001_table", "002_fill"]
    assert asked(target, "SELECT DISTINCT value FROM numbers") == [(1,)]
    assert asked(target, "SELECT count(DISTINCT xmin::text) FROM numbers") == [(10,)]
    assert note(target) == "1,000 rows in 10 batches"
    assert asked(target, "SELECT * FROM migrations.backfills") == []


def test_dbmate_runs_the_same_file_with_the_same_result(
    empty_database: Settings, tmp_path: Path
) -> None:
    target = folder(empty_database, tmp_path, NUMBERS, one_more())
    dbmate(target, "migrate")
    assert asked(target, "SELECT DISTINCT value FROM numbers") == [(1,)]


def test_no_more_rows_are_changed_in_a_second_than_allowed(
    empty_database: Settings, tmp_path: Path
) -> None:
    target = folder(empty_database, tmp_path, NUMBERS, one_more("batch:100 rate:1000"))
    begun = time.monotonic()
    migrate_up(target)
    assert 1.0 <= time.monotonic() - begun < 3.0


def test_a_failed_one_goes_on_after_the_last_batch_and_changes_no_row_twice(
    empty_database: Settings, tmp_path: Path
) -> None:
    table = NUMBERS + "ALTER TABLE numbers ADD CHECK (id <> 550 OR value = 0);"
    target = folder(empty_database, tmp_path, table, one_more())
    with pytest.raises(MigrationFailed, match=r"002_fill\.sql failed at line 3 with 23514"):
        migrate_up(target)
    assert asked(target, "SELECT sum(value) FROM numbers") == [(500,)]
    with connect_directly(target, OWNER) as connection:
        connection.execute("ALTER TABLE numbers DROP CONSTRAINT numbers_check")
    told: list[str] = []
    migrate_up(target, report=told.append)
    assert "002_fill: goes on after 500 rows" in told
    assert asked(target, "SELECT DISTINCT value FROM numbers") == [(1,)]
    assert note(target) == "1,000 rows in 10 batches"


def test_one_whose_file_was_changed_in_between_begins_anew(
    empty_database: Settings, tmp_path: Path
) -> None:
    set_to = "UPDATE numbers SET value = {} WHERE /* batch */ true;"
    table = NUMBERS + "ALTER TABLE numbers ADD CHECK (id <> 550 OR value <> 1);"
    target = folder(empty_database, tmp_path, table, backfill(set_to.format(1)))
    with pytest.raises(MigrationFailed):
        migrate_up(target)
    with_files(target, tmp_path, _002_fill=backfill(set_to.format(2)))
    migrate_up(target)
    assert asked(target, "SELECT DISTINCT value FROM numbers") == [(2,)]


def test_it_ends_though_rows_are_added_all_the_time(
    empty_database: Settings, tmp_path: Path
) -> None:
    target = folder(empty_database, tmp_path, NUMBERS, one_more("batch:50 rate:2000"))
    migrate_up(target, "1")
    ended = threading.Event()

    def write() -> None:
        with connect_directly(target, OWNER) as connection:
            while not ended.is_set():
                connection.execute(
                    "INSERT INTO numbers SELECT max(id) + n FROM numbers, "
                    "generate_series(1, 20) AS n GROUP BY n"
                )

    writer = threading.Thread(target=write)
    writer.start()
    try:
        migrate_up(target)
    finally:
        ended.set()
        writer.join()
    ((rows,),) = asked(target, "SELECT count(*) FROM numbers")
    ((changed, last),) = asked(target, "SELECT count(*), max(id) FROM numbers WHERE value = 1")
    assert changed == last
    assert isinstance(rows, int)
    assert isinstance(changed, int)
    assert ROWS <= changed < rows


@pytest.mark.parametrize(
    ("table", "filling"),
    [
        (
            'CREATE TABLE "Odd '
            'table" ("Group" text, "at" timestamptz, value int DEFAULT 0, '
            'PRIMARY KEY ("Group", "at")); INSERT INTO "Odd table" SELECT n % 7, '
            "timestamptz '2026-01-01' + n * interval '1 h' FROM generate_series(1, 50) AS n;",
            '-- backfill: "Odd table" batch:7\n'
            'UPDATE "Odd table" SET value = value + 1 WHERE /* batch */ true;',
        ),
        (
            "CREATE TABLE numbers (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), value int "
            "DEFAULT 0); INSERT INTO numbers SELECT FROM generate_series(1, 50);",
            "-- backfill: public.numbers batch:7\n"
            "UPDATE numbers AS n SET value = o.value + 1 FROM numbers AS o "
            "WHERE n.id = o.id AND /* batch of n */ true;",
        ),
        (
            "CREATE TABLE numbers (id int PRIMARY KEY, value int);",
            "-- backfill: numbers\nUPDATE numbers SET value = 1 WHERE /* batch */ true;",
        ),
    ],
    ids=["two odd columns", "joined by alias", "empty"],
)
def test_any_primary_key_will_do(
    empty_database: Settings, tmp_path: Path, table: str, filling: str
) -> None:
    target = folder(empty_database, tmp_path, table, up_and_down(filling, option=ALONE))
    migrate_up(target)
    name = '"Odd table"' if "Odd" in table else "numbers"
    assert asked(target, f"SELECT DISTINCT value FROM {name}") in ([(1,)], [])
    assert note(target) in ("50 rows in 8 batches", "0 rows in 0 batches")


def test_a_new_table_may_be_filled_from_another(empty_database: Settings, tmp_path: Path) -> None:
    table = NUMBERS + "CREATE TABLE doubled (id int PRIMARY KEY, value int);"
    filling = "INSERT INTO doubled SELECT id, id * 2 FROM numbers WHERE /* batch */ true;"
    target = folder(empty_database, tmp_path, table, backfill(filling))
    migrate_up(target)
    assert asked(target, "SELECT count(*) FROM doubled WHERE value = 2 * id") == [(ROWS,)]


def test_a_table_without_a_primary_key_is_refused(empty_database: Settings, tmp_path: Path) -> None:
    table = "CREATE TABLE numbers (id int, value int DEFAULT 0);"
    target = folder(empty_database, tmp_path, table, one_more())
    with pytest.raises(MigrationFailed, match="no table numbers with a primary key"):
        migrate_up(target)
    assert migration_status(target).interrupted == ()


def test_a_row_that_somebody_holds_is_waited_for_and_then_told(
    empty_database: Settings, tmp_path: Path
) -> None:
    target = folder(empty_database, tmp_path, NUMBERS, one_more())
    migrate_up(target, "1")
    with connect_directly(target, OWNER) as holder, holder.transaction():
        holder.execute("UPDATE numbers SET value = 0 WHERE id = 150")
        with pytest.raises(MigrationFailed, match="55P03"):
            migrate_up(target, patience=IMPATIENT)
    assert asked(target, "SELECT sum(value) FROM numbers") == [(100,)]
    migrate_up(target)
    assert asked(target, "SELECT DISTINCT value FROM numbers") == [(1,)]


def test_the_way_back_may_be_one_too(empty_database: Settings, tmp_path: Path) -> None:
    add = "-- backfill: numbers\nUPDATE numbers SET value = value + 1 WHERE /* batch */ true;"
    text = up_and_down(add, add.replace("+", "-"), ALONE)
    target = folder(empty_database, tmp_path, NUMBERS, text)
    migrate_up(target)
    assert migrate_down(target) == ["002_fill"]
    assert asked(target, "SELECT DISTINCT value FROM numbers") == [(0,)]


def test_search_indexes_are_left_sorted(empty_database: Settings, tmp_path: Path) -> None:
    table = NUMBERS + "ALTER TABLE numbers ADD words text[];"
    table += "CREATE INDEX numbers_words ON numbers USING gin (words);"
    filling = "UPDATE numbers SET words = ARRAY['a', id::text] WHERE /* batch */ true;"
    with connect_directly(empty_database, SUPERUSER) as superuser:
        superuser.execute("CREATE EXTENSION pgstattuple")
        target = folder(empty_database, tmp_path, table, backfill(filling))
        migrate_up(target)
        pending = superuser.execute(
            "SELECT pending_tuples FROM pgstatginindex('numbers_words')"
        ).fetchone()
    assert pending == (0,)
