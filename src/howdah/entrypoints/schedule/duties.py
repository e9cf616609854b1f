"""What the scheduler does itself."""

import logging
from collections.abc import Callable, Mapping

from howdah.foundation.database import NOBODY, Database, Statement
from howdah.product.transfers.jobs import SILENT_FOR, TASK_PREFIX, WAITING_FOR

LOG = logging.getLogger("howdah.scheduler")
BEAT = Statement(
    "heartbeat_beat",
    """
    INSERT INTO heartbeats (source) VALUES (%s)
    ON CONFLICT (source) DO UPDATE SET beaten_at = clock_timestamp()
    """,
)
CLOSE = Statement("wal_segment_close", "SELECT howdah.close_wal_segment()")
# Tells replicas the timeline they are on, for when nobody leads (migration 046).
NOTE_TIMELINE = Statement("timeline_note", "SELECT howdah.note_timeline()")
REQUEUE = Statement(
    "jobs_requeue_stalled", "SELECT howdah.requeue_stalled_jobs(%s, %s, %s) AS jobs"
)


def beat(database: Database) -> None:
    """Write the heartbeat, then have it archived with everything that was committed before.

    It gives the WAL something to archive, and lag something to measure.
    """
    with database.write(NOBODY) as transaction:
        transaction.execute(BEAT, ("scheduler",))
        transaction.with_commit(NOTE_TIMELINE)
    # Not before the commit: its record would lie in the next segment.
    with database.write(NOBODY) as transaction:
        transaction.execute(CLOSE)


def requeue_stalled(database: Database) -> int:
    """Queue jobs again whose worker fell silent or whose message was lost; returns how many."""
    with database.write(NOBODY) as transaction:
        jobs = int(transaction.value(REQUEUE, (SILENT_FOR, WAITING_FOR, TASK_PREFIX)))
    if jobs:
        LOG.warning("silent jobs queued again", extra={"jobs": jobs})
    return jobs


DUTIES: Mapping[str, Callable[[Database], object]] = {
    "beat": beat,
    "requeue_stalled": requeue_stalled,
}
