"""Move the primary to the synchronous standby while clients wait a moment."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.cluster.asking import TookTooLong, wait_until
from howdah.operations.cluster.choosing import Change, switchover_to
from howdah.operations.cluster.clients import held_back, watched_over
from howdah.operations.cluster.handover import Handover, prepare
from howdah.operations.cluster.lock import operation_lock
from howdah.operations.cluster.patroni import cluster_view, clustered
from howdah.operations.cluster.reporting import Report, Stopwatch
from howdah.operations.cluster.routes import route_views

WATCH_SECONDS = 60.0
"""Clients are let go on after this, also when this process hangs."""
PROTECTED_SECONDS = 60.0


@dataclass(frozen=True)
class SwitchoverResult:
    """`pause_seconds`: from PAUSE to RESUME. `moments`: seconds after PAUSE, by event.

    `protected_after_seconds`: until there was a synchronous standby again; None when there was
    none after a minute.
    """

    old: str
    new: str
    pause_seconds: float
    protected_after_seconds: float | None
    moments: Mapping[str, float]


def plan_switchover(given: Settings, to: str | None) -> Change:
    """Who would lead instead of whom. Raises Refused, NotFound; changes nothing."""
    settings = clustered(given)
    return switchover_to(cluster_view(settings), settings.topology.members, to)


def switchover(given: Settings, to: str | None, report: Report) -> SwitchoverResult:
    """Have the synchronous standby lead. Clients of PgBouncer wait; no request of theirs fails.

    Raises Refused or NotFound before anything is touched, OperationUnderWay when somebody else
    changes the cluster, PauseTimedOut, PatroniRefused, CommandFailed. Clients go on in any case.
    """
    settings = clustered(given)
    plan_switchover(settings, to)
    with operation_lock(settings, "switchover"):
        return move_primary(settings, to, report)


def move_primary(settings: Settings, to: str | None, report: Report) -> SwitchoverResult:
    """The switchover itself, for whoever holds the cluster's lock."""
    topology = settings.topology
    change = switchover_to(cluster_view(settings), topology.members, to)
    assert change.old is not None
    old, new = topology.member(change.old), topology.member(change.new)
    watch = Stopwatch(report)
    with watched_over(settings, WATCH_SECONDS):
        prepare(settings, old)
        watch.note("prepared", f"{old.name} has written its checkpoint")
        databases = databases_on(settings, old.name)
        watch.start()
        with _explained(report), held_back(settings, databases, old) as held:
            watch.note("paused", f"clients of {', '.join(databases)} wait")
            Handover(settings, old, new, watch).carry_out()
        watch.note("resumed", "clients go on")
    protected = _wait_for_protection(settings, watch)
    return SwitchoverResult(
        old.name, new.name, round(held.seconds, 3), protected, dict(watch.moments)
    )


@contextmanager
def _explained(report: Report) -> Iterator[None]:
    """Say how things stand when the operator has had enough."""
    try:
        yield
    except KeyboardInterrupt:
        report("clients go on; Patroni may still finish: `howdah cluster status` says who leads")
        raise


def databases_on(settings: Settings, member: str) -> tuple[str, ...]:
    """PgBouncer's databases that this member serves now, the primary's in any case."""
    purposes = ["primary"]
    for route in route_views(settings):
        busy = any(server.name == member and server.sessions for server in route.servers)
        if route.purpose != "primary" and (busy or member in route.serving):
            purposes.append(route.purpose)
    return tuple(dict.fromkeys(settings.topology.purposes[purpose] for purpose in purposes))


def _wait_for_protection(settings: Settings, watch: Stopwatch) -> float | None:
    """Seconds until the old primary follows as the synchronous standby."""
    try:
        wait_until(
            lambda: _protected(settings), "a synchronous standby", PROTECTED_SECONDS, look=0.3
        )
    except TookTooLong:
        return None
    watch.note("protected", "there is a synchronous standby again")
    return watch.moments["protected"]


def _protected(settings: Settings) -> bool:
    try:
        view = cluster_view(settings)
    except Unavailable:
        return False
    standby = view.member(view.sync_standby) if view.sync_standby else None
    return view.leader is not None and standby is not None and standby.synchronous
