"""The one table of recurring work. Times are UTC."""

from howdah.entrypoints.jobs import lanes
from howdah.entrypoints.schedule.moments import CatchUp, Entry
from howdah.foundation.topology import Topology
from howdah.product.search.words import REFRESH_TASK

TABLE = (
    # Why not queued: they must work while Redis or the workers do not, which is what they are
    # for. Doing them twice or late is harmless, so nothing is recorded.
    Entry("heartbeat", "*/30 * * * * *", "beat", queued=False),
    Entry("requeue stalled jobs", "15 * * * * *", "requeue_stalled", queued=False),
    Entry("look for drift", "50 * * * *", "schema.look_for_drift"),
    Entry("daily report", "20 0 * * *", "insights.report_yesterday", CatchUp.ALL),
    Entry("search words", "40 2 * * *", REFRESH_TASK),
    Entry("clean expired", "15 3 * * *", "cleaning.clean_expired"),
)

# Of those that passed while nobody looked, one backup makes up for all.
BACKUPS = (
    Entry("full backup", "0 2 * * *", "backup.take", queue=lanes.OPS.queue),
    Entry("restore test", "0 4 1 * *", "backup.prove", queue=lanes.OPS.queue),
)


def table_of(topology: Topology) -> tuple[Entry, ...]:
    """The recurring work of this topology: nothing is asked for that nobody would do."""
    return TABLE + BACKUPS if topology.backup.enabled else TABLE
