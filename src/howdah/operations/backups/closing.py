"""The second hand on the closing of WAL segments.

The scheduler closes one after each heartbeat, every 30 s. It needs PgBouncer and its process; and
archive_timeout, which should be the second hand, is none after a crash: measured, nothing was
archived in the 95 s after a restart, and would not have been before the next checkpoint. So the
ops worker closes what nobody has closed.
"""

import psycopg

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import BACKUP
from howdah.operations.roles.connect import connect_directly

FORGOTTEN_SECONDS = 25.0
"""Longer than it ever is when one looks in the middle between two heartbeats."""
# Not while archiving fails: a closed segment takes its whole size on the primary's disk until it is
# archived. PostgreSQL itself does nothing when nothing was written.
CLOSE = """
SELECT pg_switch_wal() FROM pg_stat_archiver
WHERE NOT pg_is_in_recovery()
  AND (last_archived_time IS NULL OR last_archived_time < clock_timestamp() - %s * interval '1 s')
  AND (last_failed_time IS NULL OR last_failed_time < last_archived_time)
"""


def close_forgotten_segment(settings: Settings, after_seconds: float = FORGOTTEN_SECONDS) -> bool:
    """Close the segment when the last one went into the archive so long ago; whether it was done.

    Raises Unavailable.
    """
    with connect_directly(settings, BACKUP, "postgres") as connection:
        try:
            return connection.execute(CLOSE, (after_seconds,)).fetchone() is not None
        except psycopg.Error as failure:
            said = str(failure).strip().splitlines()[0]
            raise Unavailable(f"the segment of WAL cannot be closed: {said}") from failure
