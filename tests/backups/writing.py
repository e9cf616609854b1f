"""Writes that a test makes so that there is WAL."""

import time
from collections.abc import Callable

from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import Segment
from howdah.operations.backups.repository import look_at_repository
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly

PATIENCE_SECONDS = 90.0


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for it; a test that waits in vain fails."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"in vain waited for: {what}"
        time.sleep(0.2)


def close_segment(settings: Settings) -> Segment:
    """Write something and close its WAL segment; returns that."""
    with connect_directly(settings, SUPERUSER, "postgres") as connection:
        connection.execute("SELECT pg_create_restore_point('a test')")
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        assert row is not None
        return Segment.named(row[0])


def archived_segments(settings: Settings, count: int) -> list[Segment]:
    """Close so many, and wait until they are in the archive."""
    closed = [close_segment(settings) for _ in range(count)]
    until(lambda: closed[-1] in look_at_repository(settings).archive.segments, "the archive")
    return closed
