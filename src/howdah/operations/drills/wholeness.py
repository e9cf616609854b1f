"""Whether a stack has everything it is made of: of a cluster leader, synchronous standby, replicas.

A single server is whole when it takes writes.
"""

import time
from collections.abc import Callable
from contextlib import closing

from howdah.foundation.errors import CommandFailed, HowdahError
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology
from howdah.operations.cluster.patroni import cluster_view
from howdah.operations.cluster.views import ClusterView
from howdah.operations.drills.api_client import ApiClient
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly

POLL_SECONDS = 0.3
LARGEST_LAG_BYTES = 1024 * 1024


class NotWhole(CommandFailed):
    """The stack, or its archive, does not have everything it is made of."""


def missing(view: ClusterView, topology: Topology) -> list[str]:
    """What the cluster lacks, in words; empty when it is whole. Pure."""
    problems = []
    if view.leader is None:
        problems.append("nobody leads")
    if view.sync_standby is None:
        problems.append("there is no synchronous standby")
    if view.paused:
        problems.append("Patroni is paused")
    if view.without_etcd:
        problems.append("etcd is away")
    for member in topology.members:
        problems += _lacking(view, member.name)
    return problems


def _lacking(view: ClusterView, name: str) -> list[str]:
    seen = view.member(name)
    if seen is None:
        return [f"{name} is not known to Patroni"]
    if name == view.leader:
        return [] if seen.running else [f"{name} leads and is {seen.state}"]
    if not seen.streaming:
        return [f"{name} does not follow ({seen.trouble or seen.replication or seen.state})"]
    if seen.timeline != view.timeline:
        return [f"{name} is on timeline {seen.timeline}, the leader on {view.timeline}"]
    if seen.lag_bytes is not None and seen.lag_bytes > LARGEST_LAG_BYTES:
        return [f"{name} is {seen.lag_bytes // 1024} kB behind"]
    return []


def lacking(settings: Settings) -> list[str]:
    """What the database of the running stack lacks, in words. Raises Unavailable."""
    if settings.topology.clustered:
        return missing(cluster_view(settings), settings.topology)
    with connect_directly(settings, SUPERUSER) as connection:
        row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
    return ["PostgreSQL is still recovering"] if row is None or row[0] else []


def problems_now(settings: Settings) -> list[str]:
    """What the running stack lacks, and whether its API serves; empty when it is whole."""
    try:
        problems = lacking(settings)
    except HowdahError as failure:
        return [failure.message]
    with closing(ApiClient(settings, timeout_seconds=5)) as api:
        answer = api.ask("GET", "/me")
    return problems if answer.done else [*problems, f"the API answers {answer.kind}"]


def wait_until_whole(
    settings: Settings,
    patience_seconds: float,
    problems: Callable[[Settings], list[str]] = problems_now,
) -> float:
    """Wait until nothing is missing; returns the seconds it took. Raises NotWhole."""
    begun = time.monotonic()
    while True:
        found = problems(settings)
        waited = time.monotonic() - begun
        if not found:
            return waited
        if waited > patience_seconds:
            raise NotWhole(
                f"the {_kind(settings)} is not whole after {waited:.0f} s: {'; '.join(found)}",
                hint=f"`{_status(settings)}` says more",
            )
        time.sleep(POLL_SECONDS)


def _kind(settings: Settings) -> str:
    return "cluster" if settings.topology.clustered else "stack"


def _status(settings: Settings) -> str:
    return "howdah cluster status" if settings.topology.clustered else "howdah status"
