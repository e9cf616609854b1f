"""What is wrong with a cluster, in words. Pure: everything known in, sentences out.

Could not verify is never a pass: a source that could not be asked is itself a sentence.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from howdah.foundation.topology import Topology
from howdah.operations.cluster.routes import taken_out
from howdah.operations.cluster.views import (
    PRIMARY,
    ClusterStatus,
    ClusterView,
    MemberView,
    PoolView,
    RouteView,
)

LAG_SECONDS = 10.0
"""Replication that is this far behind is named, also when it is few bytes."""
WAIT_SECONDS = 1.0
"""Clients that wait this long for a server connection are named."""


@dataclass(frozen=True)
class Limits:
    """From which figures on something is wrong."""

    lag_bytes: int
    lag_seconds: float = LAG_SECONDS
    wait_seconds: float = WAIT_SECONDS


def limits_of(topology: Topology) -> Limits:
    """The limits that this installation's settings mean."""
    return Limits(lag_bytes=topology.cluster.lag_limit_mb * 1024 * 1024)


def what_is_wrong(status: ClusterStatus, limits: Limits) -> tuple[str, ...]:
    """Every problem as a sentence, the most urgent first; empty when nothing is wrong."""
    return (
        *_leadership(status.cluster),
        *_members(status.cluster, limits),
        *_routes(status.routes),
        *_pools(status.pools, limits, status.operation),
        *_etcd(status),
        *status.certificates,
        *status.cluster.unanswered,
        *status.unanswered,
    )


def _leadership(cluster: ClusterView) -> Iterator[str]:
    if cluster.leader is None and cluster.unanswered:
        yield "who leads cannot be told: etcd was not read, and not one member alone says it does"
    elif cluster.leader is None and cluster.members:
        yield (
            "no member leads: nothing can be written; Patroni promotes the synchronous standby "
            "within seconds, and `howdah cluster failover` can when it does not"
        )
    elif cluster.leader is not None and cluster.sync_standby is None:
        yield (
            "there is no synchronous standby: writes go on, and those not yet copied would be lost "
            "with the primary"
        )
    if cluster.paused:
        yield (
            "automation is paused: nobody takes over when the primary fails; "
            "`howdah cluster resume` ends that"
        )
    primaries = [item.name for item in cluster.members if item.role == PRIMARY]
    if len(primaries) > 1:
        yield f"{' and '.join(primaries)} both say that they are the primary"


def _members(cluster: ClusterView, limits: Limits) -> Iterator[str]:
    for member in cluster.members:
        yield from _member(member, cluster, limits)


def _member(member: MemberView, cluster: ClusterView, limits: Limits) -> Iterator[str]:
    name = member.name
    if member.state == "unreachable":
        yield f"{name} cannot be asked: {member.trouble}"
    elif not member.running:
        yield f"{name} does not serve: its PostgreSQL is {member.state!r}"
    elif member.role != PRIMARY:
        yield from _following(member, cluster, limits)
    if member.pending_restart:
        yield (
            f"{name} waits for a restart to take up changed settings; "
            f"`howdah cluster restart --rolling {name}`"
        )


def _following(member: MemberView, cluster: ClusterView, limits: Limits) -> Iterator[str]:
    """A member that runs and should be following the primary."""
    name = member.name
    if member.timeline and cluster.timeline and member.timeline < cluster.timeline:
        yield (
            f"{name} is still on timeline {member.timeline}, the primary on {cluster.timeline}; "
            f"`howdah cluster explain {name}` says why"
        )
    elif member.replication == "":
        yield f"{name} is not connected to the primary; `howdah cluster explain {name}` says why"
    elif member.replication not in ("streaming", None):
        yield f"{name} does not stream yet: it is in state {member.replication!r}"
    if member.replay_paused:
        yield f"{name} receives WAL and does not replay it: replay is paused"
    if (member.lag_bytes or 0) > limits.lag_bytes:
        yield f"{name} is {megabytes(member.lag_bytes or 0)} of WAL behind the primary"
    elif (member.lag_seconds or 0) > limits.lag_seconds:
        yield f"{name} is {member.lag_seconds:.0f} s behind the primary"


def _routes(routes: tuple[RouteView, ...]) -> Iterator[str]:
    for route in routes:
        if not route.serving:
            yield f"nobody serves {route.purpose}: its connections are refused"
        elif route.on_fallback:
            yield (
                f"{route.purpose} is served by {', '.join(route.serving)} instead of its own "
                f"replica ({', '.join(item.name for item in route.servers if not item.backup)})"
            )
    for name in taken_out(routes):
        yield (
            f"{name} was taken out of HAProxy's rotation and not put back; "
            "`howdah cluster resume-clients` does"
        )


def _pools(pools: tuple[PoolView, ...], limits: Limits, operation: str) -> Iterator[str]:
    for pool in pools:
        if pool.paused:
            why = f" by {operation}" if operation else ""
            yield (
                f"PgBouncer holds the clients of {pool.database} back (PAUSE){why}; "
                "`howdah cluster resume-clients` lets them go on"
            )
        elif pool.clients_waiting and pool.longest_wait_seconds >= limits.wait_seconds:
            yield (
                f"clients of {pool.database} wait for a server connection: {pool.clients_waiting} "
                f"of them, the first for {pool.longest_wait_seconds:.1f} s; "
                f"{pool.server_connections} of {pool.server_limit} are open"
            )


def _etcd(status: ClusterStatus) -> Iterator[str]:
    etcd = status.etcd
    away = [member for member in etcd if member.trouble]
    for member in away:
        yield f"{member.name} of etcd is not healthy: {member.trouble}"
    if away and len(etcd) - len(away) <= len(etcd) // 2:
        yield "etcd has no majority: nobody can take over from the primary until it is back"
    if status.cluster.without_etcd:
        yield "the primary goes on without etcd, by the consent of every member (failsafe mode)"
    if etcd and len(etcd) % 2 == 0:
        yield (
            f"etcd has {len(etcd)} members, an even number: it survives no more losses than "
            f"{len(etcd) - 1} would"
        )


def megabytes(count: int) -> str:
    """Bytes for people."""
    if count < 1024 * 1024:
        return f"{count / 1024:.0f} kB"
    return f"{count / 1024 / 1024:.0f} MB"
