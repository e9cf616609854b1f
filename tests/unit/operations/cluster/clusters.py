"""Views of clusters for tests: a whole one, and what is different in it."""

from dataclasses import replace
from typing import Any

from howdah.foundation.topology_members import Member, default_members, placed
from howdah.operations.cluster.views import (
    PRIMARY,
    REPLICA,
    SYNCHRONOUS,
    ClusterStatus,
    ClusterView,
    EtcdView,
    MemberView,
    PoolView,
    RouteView,
    ServerView,
)

MEMBERS: tuple[Member, ...] = placed(default_members(), 8400, zone_networks=False)
ROLES = {
    "postgres-a": PRIMARY,
    "postgres-b": SYNCHRONOUS,
    "replica-analytics": REPLICA,
    "replica-dashboards": REPLICA,
}


def seen(name: str, **different: Any) -> MemberView:
    """One member of a whole cluster."""
    primary = name == "postgres-a"
    view = MemberView(
        name=name,
        zone="a",
        role=ROLES[name],
        state="running",
        timeline=3,
        lag_bytes=None if primary else 0,
        lag_seconds=None if primary else 0.0,
        synchronous=name == "postgres-b",
        replication="" if primary else "streaming",
    )
    return replace(view, **different)


def whole(*changed: MemberView, **different: Any) -> ClusterView:
    """A cluster in which nothing is wrong but what is given."""
    others = {view.name: view for view in changed}
    members = tuple(others.get(name) or seen(name) for name in ROLES)
    view = ClusterView(members, leader="postgres-a", sync_standby="postgres-b")
    return replace(view, **different)


def route(purpose: str, **states: str) -> RouteView:
    """A route with servers `name="up"`; names with `_` for `-`; a `backup_` stands in."""
    return RouteView(
        purpose,
        tuple(
            ServerView(
                name.removeprefix("backup_").replace("_", "-"),
                state,
                backup=name.startswith("backup_"),
                sessions=0,
            )
            for name, state in states.items()
        ),
    )


def pool(**different: Any) -> PoolView:
    """A quiet pool of `app_db`."""
    return replace(PoolView("app_db", 4, 0, 0.0, 5, 30, paused=False), **different)


def status(cluster: ClusterView | None = None, **different: Any) -> ClusterStatus:
    """Everything about a cluster in which nothing is wrong but what is given."""
    view = ClusterStatus(
        cluster=cluster or whole(),
        routes=(
            route("primary", postgres_a="up", postgres_b="down"),
            route("analytics", replica_analytics="up", backup_replica_dashboards="up"),
        ),
        pools=(pool(),),
        etcd=(EtcdView("etcd-1"),),
    )
    return replace(view, **different)
