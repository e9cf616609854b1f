"""howdah.position() and howdah.await_position() on a primary; on replicas, see tests/cluster."""

import time

import psycopg
import pytest

from howdah.foundation.database import Position
from howdah.operations.roles.connect import Connection


def position(connection: Connection) -> Position:
    row = connection.execute("SELECT howdah.position()").fetchone()
    assert row is not None
    found = Position.of(row[0])
    assert found is not None
    return found


def await_position(connection: Connection, awaited: Position, wait_ms: int = 200) -> None:
    connection.execute(
        "SELECT howdah.await_position(%s, %s::pg_lsn, %s)",
        (awaited.timeline, awaited.lsn_text, wait_ms),
    )


def test_the_application_is_told_where_the_history_is(app: Connection) -> None:
    row = app.execute(
        "SELECT pg_current_wal_flush_lsn()::text, timeline_id FROM pg_control_checkpoint()"
    ).fetchone()
    assert row is not None
    found = position(app)
    assert found.timeline == row[1]
    assert found >= Position.of(f"{row[1]}-{row[0]}")  # type: ignore[operator]


def test_a_commit_moves_it_on(admin_connection: Connection, app: Connection) -> None:
    before = position(app)
    admin_connection.execute("SELECT pg_logical_emit_message(true, 'howdah test', 'moves on')")
    assert position(app) > before


def test_a_primary_has_everything_and_waits_for_nothing(app: Connection) -> None:
    far = Position(position(app).timeline, 2**64 - 1)
    begun = time.monotonic()
    await_position(app, far, wait_ms=5000)
    assert time.monotonic() - begun < 1


def test_a_server_on_an_earlier_timeline_does_not_pass_for_the_primary(app: Connection) -> None:
    later = Position(position(app).timeline + 1, 0)
    with pytest.raises(psycopg.Error) as told, app.transaction():
        await_position(app, later)
    assert told.value.sqlstate == "HW425"


def test_the_primary_leaves_its_timeline_where_replicas_find_it(app: Connection) -> None:
    app.execute("SELECT howdah.note_timeline()")
    app.execute("SELECT howdah.note_timeline()")
    row = app.execute("SELECT howdah.replayed_timeline(999999)").fetchone()
    assert row == (position(app).timeline,)


def test_its_owner_may_see_which_timeline_a_replica_receives(owner: Connection) -> None:
    row = owner.execute("SELECT pg_has_role('howdah_owner', 'pg_read_all_stats', 'USAGE')")
    assert row.fetchone() == (True,)
