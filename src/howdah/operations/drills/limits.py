"""What is promised for each class of failure: the limits that drills judge by. Seconds."""

FAILOVER_SECONDS = 15.0
"""Writes after the loss of the primary, with the shipped timing."""
STANDBY_LOSS_SECONDS = 6.0
"""Writes after the loss of the synchronous standby: until Patroni no longer waits for it."""
READS_ELSEWHERE_SECONDS = 2.0
"""Until a replica that is away is left out."""
REPLICA_BACK_SECONDS = 60.0
"""Until one that is well again serves its purpose."""
ETCD_LOSS_SECONDS = 5.0
"""Writes after the loss of etcd."""
POOLER_LOSS_SECONDS = 5.0
"""Writes after the loss of PgBouncer."""
WRITES_GO_ON_SECONDS = 5.0
"""Writes whatever happens to the repository: nothing waits for it."""
ARCHIVE_LOSS_SECONDS = 60.0
"""Acknowledged writes that may be lost when every data directory is: the recovery point."""
ARCHIVED_SECONDS = 60.0
"""Until what was written is in the archive, also when idle and after a recovery."""
TOLD_SECONDS = 30.0
"""Until `backup check` tells of an archive that is broken."""
HEALED_SECONDS = 90.0
"""Until everything that waited is archived once the repository is back: a try each minute."""
RESTART_SECONDS = 5.0
"""Writes and reads while every member is restarted, one after the other."""
