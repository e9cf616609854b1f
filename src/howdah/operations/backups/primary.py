"""What the primary says of its WAL: how far it has got, and what waits to be archived."""

from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg.rows import class_row

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import Segment
from howdah.operations.roles.catalog import BACKUP
from howdah.operations.roles.connect import connect_directly

QUERY = """
SELECT
    (SELECT system_identifier::text FROM pg_control_system()) AS system_id,
    ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::integer AS timeline,
    (pg_current_wal_lsn() - '0/0'::pg_lsn)::bigint AS lsn,
    (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size') AS segment_bytes,
    (SELECT setting::bigint FROM pg_settings WHERE name = 'max_wal_size') * 1048576
        AS max_wal_bytes,
    pg_postmaster_start_time() AS started_at,
    (SELECT coalesce(sum(size), 0)::bigint FROM pg_ls_waldir()) AS wal_bytes,
    ready.count::integer AS waiting_segments,
    ready.since AS waiting_since,
    archiver.failed_count::bigint AS failed_archivings,
    archiver.last_failed_wal AS failed_segment,
    archiver.last_failed_time AS failed_at,
    archiver.last_archived_time AS succeeded_at
FROM pg_stat_archiver archiver,
    (
        SELECT count(*), min(modification) AS since
        FROM pg_ls_archive_statusdir()
        WHERE name LIKE '%.ready'
    ) ready
"""


@dataclass(frozen=True)
class PrimaryView:
    """The primary's own word. `lsn` is its position in bytes; sizes in bytes."""

    system_id: str
    timeline: int
    lsn: int
    segment_bytes: int
    max_wal_bytes: int
    started_at: datetime
    wal_bytes: int
    """What pg_wal takes."""
    waiting_segments: int
    """Finished segments that were not archived."""
    waiting_since: datetime | None
    """When the oldest of them was finished."""
    failed_archivings: int
    failed_segment: str | None
    failed_at: datetime | None
    succeeded_at: datetime | None
    """When PostgreSQL was last told that a segment is archived."""

    @property
    def failing(self) -> bool:
        """Whether the newest attempt to archive failed."""
        if self.failed_at is None:
            return False
        return self.succeeded_at is None or self.failed_at > self.succeeded_at

    def waiting_bytes(self, newest: Segment | None) -> int:
        """WAL written after the end of the newest archived segment; 0 when idle since."""
        after = 1 if newest is None else newest.number + 1  # WAL begins with segment 1
        archived = after * self.segment_bytes
        return max(0, self.lsn - archived)


def ask_primary(settings: Settings) -> PrimaryView:
    """Ask the server that takes writes. Raises Unavailable."""
    try:
        with (
            connect_directly(settings, BACKUP, "postgres") as connection,
            connection.cursor(row_factory=class_row(PrimaryView)) as cursor,
        ):
            row = cursor.execute(QUERY).fetchone()
    except psycopg.Error as failure:
        raise Unavailable(
            f"the primary does not tell how far its WAL has got: {str(failure).splitlines()[0]}",
            hint="`howdah status` says what runs",
        ) from failure
    assert row is not None
    return row
