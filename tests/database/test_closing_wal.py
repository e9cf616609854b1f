"""howdah.close_wal_segment(): what was committed lies in a segment that can be archived."""

from collections.abc import Iterator

import psycopg
import pytest

from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_up
from howdah.operations.roles.catalog import READER, SUPERUSER, WRITER
from howdah.operations.roles.connect import Connection, connect_directly
from tests.database.own_server import own_server


@pytest.fixture(scope="module")
def archiving(settings: Settings) -> Iterator[Settings]:
    """A server that archives, into nothing."""
    with own_server(settings, "archive_mode=on", "archive_command=/bin/true") as target:
        migrate_up(target)
        yield target


def value(connection: Connection, query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def segment(connection: Connection) -> object:
    """The name of the one that is written to."""
    return value(connection, "SELECT pg_walfile_name(pg_current_wal_insert_lsn())")


def test_the_application_closes_a_segment_that_was_written_to(archiving: Settings) -> None:
    with (
        connect_directly(archiving, WRITER) as app,
        connect_directly(archiving, SUPERUSER) as admin,
    ):
        admin.execute("SELECT pg_logical_emit_message(true, 'howdah test', 'a commit')")
        before = segment(admin)
        closed = value(app, "SELECT howdah.close_wal_segment()")
        assert value(admin, f"SELECT pg_walfile_name('{closed}')") == before
        admin.execute("SELECT pg_logical_emit_message(true, 'howdah test', 'another')")
        assert segment(admin) != before


def test_a_segment_that_nothing_was_written_to_stays_open(archiving: Settings) -> None:
    with connect_directly(archiving, SUPERUSER) as admin:
        query = "SELECT array_agg(howdah.close_wal_segment()) FROM generate_series(1, 5)"
        closed = value(admin, query)
        assert isinstance(closed, list)
        # PostgreSQL itself may have written something before the first.
        assert len(set(closed[1:])) == 1


def test_nobody_but_the_application_closes_segments(archiving: Settings) -> None:
    for role, query in ((READER, "howdah.close_wal_segment()"), (WRITER, "pg_switch_wal()")):
        with (
            connect_directly(archiving, role) as connection,
            pytest.raises(psycopg.errors.InsufficientPrivilege),
        ):
            connection.execute(f"SELECT {query}".encode())


def test_where_nothing_is_archived_no_segment_is_closed(app: Connection) -> None:
    assert value(app, "SHOW archive_mode") == "off"
    assert value(app, "SELECT howdah.close_wal_segment()") is None


def test_where_the_platform_lets_nobody_close_segments_that_is_no_failure(
    archiving: Settings,
) -> None:
    with connect_directly(archiving, SUPERUSER) as admin:
        admin.execute("REVOKE EXECUTE ON FUNCTION pg_switch_wal() FROM howdah_owner")
        try:
            assert value(admin, "SELECT howdah.close_wal_segment()") is None
        finally:
            admin.execute("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO howdah_owner")
