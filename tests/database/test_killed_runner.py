"""kill -9 at every statement that the runner sends: the next run goes on, nothing is done twice.

The runner is forked off and ends itself at its n-th message to PostgreSQL, for every n there is;
then another run must bring everything that is left, and take it all back.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_down, migrate_up, migration_status
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import Connection, connect_directly
from tests.database.migration_files import up_and_down, with_files

ALONE = " transaction:false"
FILES = {
    "_001_table": up_and_down(
        "CREATE TABLE numbers (id integer PRIMARY KEY, value integer NOT NULL DEFAULT 0);\n"
        "INSERT INTO numbers SELECT generate_series(1, 10);\n"
        "ALTER TABLE numbers ADD extra text;",
        "ALTER TABLE numbers DROP extra;\nDROP TABLE numbers;",
    ),
    # Without IF [NOT] EXISTS: were it repeated blindly, the second time would fail.
    "_002_index": up_and_down(
        "CREATE INDEX CONCURRENTLY numbers_value ON numbers (value);",
        "DROP INDEX CONCURRENTLY numbers_value;",
        ALONE,
    ),
    # Not repeatable either: value = value + 1 twice would show.
    "_003_fill": up_and_down(
        "-- backfill: numbers batch:4\n"
        "UPDATE numbers SET value = value + 1 WHERE /* batch */ true;",
        "-- backfill: numbers batch:4\n"
        "UPDATE numbers SET value = value - 1 WHERE /* batch */ true;",
        ALONE,
    ),
    "_004_column": up_and_down(
        "ALTER TABLE numbers ADD later integer;\nUPDATE numbers SET later = value;",
        "ALTER TABLE numbers DROP later;",
    ),
}
STATE = """
    SELECT count(*), min(value), max(value), min(later), max(later),
           (SELECT array_agg(indexrelid::regclass::text ORDER BY indexrelid) FROM pg_index
            WHERE indrelid = 'numbers'::regclass AND indisvalid AND indisready)
    FROM numbers
"""
COMPLETE = [(10, 1, 1, 1, 1, ["numbers_pkey", "numbers_value"])]
LEFT = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'"
MORE_THAN_THERE_ARE = 500


@contextmanager
def killed_at(message: int) -> Iterator[None]:
    """This process ends itself instead of sending its n-th message."""
    sent = 0
    wait = psycopg.Connection.wait

    def counting(connection: Any, generator: Any, *arguments: Any, **named: Any) -> Any:
        nonlocal sent
        sent += 1
        if sent == message:
            os.kill(os.getpid(), signal.SIGKILL)
        return wait(connection, generator, *arguments, **named)

    psycopg.Connection.wait = counting  # type: ignore[method-assign]
    try:
        yield
    finally:
        psycopg.Connection.wait = wait  # type: ignore[method-assign]


def in_a_child(work: Callable[[], object], message: int) -> bool:
    """Whether it was killed at that message; False when it ended before there were so many."""
    child = os.fork()
    if child == 0:
        try:
            with killed_at(message):
                work()
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


def asked(connection: Connection, query: str) -> list[tuple[Any, ...]]:
    return connection.execute(query.encode()).fetchall()


@pytest.fixture
def beside(empty_database: Settings) -> Iterator[Connection]:
    """A connection that looks on; to connect anew would take longer than what is killed."""
    with connect_directly(empty_database, OWNER) as connection:
        yield connection


@pytest.mark.parametrize("direction", ["up", "down"])
def test_killed_at_any_statement_the_next_run_goes_on(
    empty_database: Settings, tmp_path: Path, beside: Connection, direction: str
) -> None:
    target = with_files(empty_database, tmp_path, **FILES)
    message = 0
    while True:
        message += 1
        assert message < MORE_THAN_THERE_ARE
        if direction == "up":
            killed = in_a_child(lambda: migrate_up(target), message)
            migrate_up(target)
            assert asked(beside, STATE) == COMPLETE, message
            assert migration_status(target).sound, message
            migrate_down(target, to="000")
        else:
            migrate_up(target)
            killed = in_a_child(lambda: migrate_down(target, to="000"), message)
            migrate_down(target, to="000")
        assert asked(beside, LEFT) == [("schema_migrations",)], message
        assert migration_status(target).applied == ()
        if not killed:
            break
    assert message > 40


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_ended_while_an_index_is_being_built_the_next_run_builds_it_anew(
    empty_database: Settings, tmp_path: Path, beside: Connection, how: signal.Signals
) -> None:
    slow = "CREATE FUNCTION slow(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN\n"
    slow += "PERFORM pg_sleep(0.5); RETURN n; END $$;"
    table = "CREATE TABLE things (id int);\nINSERT INTO things SELECT generate_series(1, 10);"
    index = "CREATE INDEX CONCURRENTLY things_id ON things (slow(id));"
    target = with_files(
        empty_database,
        tmp_path,
        _001_table=up_and_down(f"{table}\n{slow}"),
        _002_index=up_and_down(index, option=ALONE),
    )
    migrate_up(target, "1")
    child = os.fork()
    if child == 0:
        try:
            migrate_up(target)
        finally:
            os._exit(0)
    invalid = "SELECT FROM pg_class JOIN pg_index ON oid = indexrelid WHERE relname = 'things_id'"
    while not asked(beside, invalid):
        time.sleep(0.05)
    os.kill(child, how)
    os.waitpid(child, 0)
    assert migration_status(target).interrupted == ("002_index up",)
    with connect_directly(target, OWNER) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION slow(n int) RETURNS int IMMUTABLE LANGUAGE sql RETURN n"
        )
    told: list[str] = []
    assert migrate_up(target, report=told.append) == ["002_index"]
    if how == signal.SIGKILL:  # PostgreSQL goes on for up to two seconds
        assert told[0].startswith("Another migration is running: ")
    assert "things_id: an interrupted build had left it not valid; dropped." in told
    assert migration_status(target).sound
