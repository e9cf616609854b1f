"""The drills: what each does, what it disturbs, what it needs, and the scenario."""

from collections.abc import Callable
from dataclasses import dataclass

from howdah.foundation.errors import InvalidInput
from howdah.operations.drills.scenarios import (
    archive_gap,
    backup_interrupted,
    bad_key,
    etcd_loss,
    instance_loss,
    partition,
    pgbouncer_loss,
    point_in_time,
    primary_crash,
    primary_hang,
    replica_loss,
    repository_loss,
    restore_interrupted,
    rolling_restart,
    standby_loss,
    timeline_switch,
    zone_loss,
)
from howdah.operations.drills.scene import Scene

CLUSTER = "a cluster"
ZONE_NETWORKS = "zone networks"
BACKUPS = "backups"
FOLDER = "a repository in a folder"


@dataclass(frozen=True)
class Drill:
    """One drill. `disturbs` is what users may notice meanwhile, `needs` what it is tried on."""

    name: str
    summary: str
    disturbs: str
    scenario: Callable[[Scene], None]
    needs: tuple[str, ...] = ()


DRILLS = (
    Drill(
        "primary-crash",
        "kill -9 of the primary's postmaster, its backends and its Patroni",
        "writes pause for some seconds; another member becomes the primary",
        primary_crash.run,
        needs=(CLUSTER,),
    ),
    Drill(
        "primary-hang",
        "the primary's processes are frozen, another takes over, then they wake up",
        "writes pause for some seconds; another member becomes the primary",
        primary_hang.run,
        needs=(CLUSTER,),
    ),
    Drill(
        "zone-loss",
        "kill -9 of everything in the zone of the primary, which stays down for a while",
        "writes pause for some seconds; another member becomes the primary; a replica is away",
        zone_loss.run,
        needs=(CLUSTER,),
    ),
    Drill(
        "partition",
        "the primary's zone is cut off from everybody, then connected again",
        "writes pause for some seconds; another member becomes the primary; a replica is away",
        partition.run,
        needs=(CLUSTER, ZONE_NETWORKS),
    ),
    Drill(
        "standby-loss",
        "kill -9 of the synchronous standby, which stays down for a while",
        "writes pause for a moment, then go on without a synchronous copy",
        standby_loss.run,
        needs=(CLUSTER,),
    ),
    Drill(
        "replica-loss",
        "kill -9 of the replica for analytics, which stays down for a while",
        "reads for analytics pause for a moment, then go elsewhere",
        replica_loss.run,
        needs=(CLUSTER,),
    ),
    Drill(
        "etcd-loss",
        "kill -9 of every member of etcd, which stay down for half a minute",
        "no failover is possible meanwhile; writes and reads go on",
        etcd_loss.run,
        needs=(CLUSTER,),
    ),
    Drill(
        "pgbouncer-loss",
        "kill -9 of PgBouncer, which supervisord starts again",
        "requests wait a moment or are answered 503",
        pgbouncer_loss.run,
        needs=(CLUSTER,),
    ),
    Drill(
        "rolling-restart",
        "every PostgreSQL is restarted, one after the other, after a switchover of the primary",
        "writes pause for moments; another member becomes the primary",
        rolling_restart.run,
        needs=(CLUSTER,),
    ),
    Drill(
        "point-in-time",
        "a table is dropped under writes; a copy is restored to just before that",
        "nothing: the table is the drill's own, and the copy lies beside the database",
        point_in_time.run,
        needs=(BACKUPS,),
    ),
    Drill(
        "instance-loss",
        "every data directory is gone; the database is recovered from the archive alone",
        "everything is away for a minute and more; what was written in the last seconds before it "
        "IS LOST FOR GOOD, yours too",
        instance_loss.run,
        needs=(BACKUPS,),
    ),
    Drill(
        "repository-loss",
        "the repository cannot be reached for a while",
        "nothing is archived meanwhile",
        repository_loss.run,
        needs=(BACKUPS, FOLDER),
    ),
    Drill(
        "bad-key",
        "every pgBackRest gets a wrong passphrase for a while",
        "nothing is archived meanwhile",
        bad_key.run,
        needs=(BACKUPS,),
    ),
    Drill(
        "archive-gap",
        "a WAL segment is missing in the archive for a while",
        "restores are refused meanwhile",
        archive_gap.run,
        needs=(BACKUPS, FOLDER),
    ),
    Drill(
        "timeline-switch",
        "kill -9 of the primary; then copies are restored to before and after the failover",
        "writes pause for some seconds; another member becomes the primary",
        timeline_switch.run,
        needs=(CLUSTER, BACKUPS),
    ),
    Drill(
        "backup-interrupted",
        "kill -9 of a backup, then another one is taken",
        "nothing: a backup more is kept",
        backup_interrupted.run,
        needs=(BACKUPS,),
    ),
    Drill(
        "restore-interrupted",
        "kill -9 of a restore beside the database, then the same once more",
        "nothing",
        restore_interrupted.run,
        needs=(BACKUPS,),
    ),
)
BY_NAME = {drill.name: drill for drill in DRILLS}
NAMES = tuple(BY_NAME)


def drill_of(name: str) -> Drill:
    """The drill of that name. Raises InvalidInput."""
    if name not in BY_NAME:
        raise InvalidInput(f"there is no drill {name!r}", hint=f"the drills are {', '.join(NAMES)}")
    return BY_NAME[name]
