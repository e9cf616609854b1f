"""The drills: what each does, what it disturbs, what it needs, and the scenario."""

from collections.abc import Callable
from dataclasses import dataclass

from howdah.foundation.errors import InvalidInput
from howdah.operations.drills.scenarios import (
    etcd_loss,
    partition,
    pgbouncer_loss,
    primary_crash,
    primary_hang,
    replica_loss,
    rolling_restart,
    standby_loss,
    zone_loss,
)
from howdah.operations.drills.scene import Scene

ZONE_NETWORKS = "zone networks"


@dataclass(frozen=True)
class Drill:
    """One drill. `disturbs` is what users may notice meanwhile."""

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
    ),
    Drill(
        "primary-hang",
        "the primary's processes are frozen, another takes over, then they wake up",
        "writes pause for some seconds; another member becomes the primary",
        primary_hang.run,
    ),
    Drill(
        "zone-loss",
        "kill -9 of everything in the zone of the primary, which stays down for a while",
        "writes pause for some seconds; another member becomes the primary; a replica is away",
        zone_loss.run,
    ),
    Drill(
        "partition",
        "the primary's zone is cut off from everybody, then connected again",
        "writes pause for some seconds; another member becomes the primary; a replica is away",
        partition.run,
        needs=(ZONE_NETWORKS,),
    ),
    Drill(
        "standby-loss",
        "kill -9 of the synchronous standby, which stays down for a while",
        "writes pause for a moment, then go on without a synchronous copy",
        standby_loss.run,
    ),
    Drill(
        "replica-loss",
        "kill -9 of the replica for analytics, which stays down for a while",
        "reads for analytics pause for a moment, then go elsewhere",
        replica_loss.run,
    ),
    Drill(
        "etcd-loss",
        "kill -9 of every member of etcd, which stay down for half a minute",
        "no failover is possible meanwhile; writes and reads go on",
        etcd_loss.run,
    ),
    Drill(
        "pgbouncer-loss",
        "kill -9 of PgBouncer, which supervisord starts again",
        "requests wait a moment or are answered 503",
        pgbouncer_loss.run,
    ),
    Drill(
        "rolling-restart",
        "every PostgreSQL is restarted, one after the other, after a switchover of the primary",
        "writes pause for moments; another member becomes the primary",
        rolling_restart.run,
    ),
)
BY_NAME = {drill.name: drill for drill in DRILLS}
NAMES = tuple(BY_NAME)


def drill_of(name: str) -> Drill:
    """The drill of that name. Raises InvalidInput."""
    if name not in BY_NAME:
        raise InvalidInput(f"there is no drill {name!r}", hint=f"the drills are {', '.join(NAMES)}")
    return BY_NAME[name]
