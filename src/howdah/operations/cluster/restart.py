"""Restart members one after the other, so that nobody who reads or writes notices."""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from howdah.foundation.errors import CommandFailed, InvalidInput
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster.asking import TookTooLong, wait_until
from howdah.operations.cluster.choosing import Refused, known
from howdah.operations.cluster.clients import watched_over
from howdah.operations.cluster.drain import out_of_rotation
from howdah.operations.cluster.lock import operation_lock
from howdah.operations.cluster.patroni import cluster_view, clustered, insist, tell
from howdah.operations.cluster.reporting import Report, Stopwatch
from howdah.operations.cluster.switchover import SwitchoverResult, move_primary
from howdah.operations.cluster.views import ClusterView

RESTART_SECONDS = 90.0
HEALTH_SECONDS = 90.0
LAG_BYTES = 1024 * 1024
"""A member this close to the primary has caught up."""


@dataclass(frozen=True)
class RestartResult:
    """Which members were restarted in which order, and the switchover if there was one."""

    restarted: tuple[str, ...]
    switchover: SwitchoverResult | None
    seconds: float


def order_of_restart(view: ClusterView, members: Sequence[Member]) -> tuple[Member, ...]:
    """Those nobody depends on first: replicas, standbys, the synchronous standby, the primary."""

    def weight(member: Member) -> int:
        if member.name == view.leader:
            return 3
        return 2 if member.name == view.sync_standby else int(member.candidate)

    return tuple(sorted(members, key=weight))


def plan_restart(given: Settings, names: Sequence[str]) -> tuple[str, ...]:
    """The order in which members would be restarted. Raises Refused, NotFound."""
    settings = clustered(given)
    return tuple(item.name for item in _order(settings, names, cluster_view(settings)))


def restart_rolling(given: Settings, names: Sequence[str], report: Report) -> RestartResult:
    """Restart these members (all when none are named), each healthy again before the next.

    The primary is restarted by moving its lead away first; it stays a standby then. Raises
    Refused or NotFound before anything is touched, OperationUnderWay, CommandFailed.
    """
    settings, begun = clustered(given), time.monotonic()
    plan_restart(settings, names)
    with operation_lock(settings, "rolling restart"):
        order = _order(settings, names, cluster_view(settings))
        watch, moved = Stopwatch(report), None
        for member in order:
            if member.name == cluster_view(settings).leader:
                moved = move_primary(settings, None, report)
                _wait_for_health(settings, member)
                watch.note(member.name, f"{member.name} was restarted by losing the lead")
            else:
                _restart(settings, member, watch, report)
    names_in_order = tuple(member.name for member in order)
    return RestartResult(names_in_order, moved, round(time.monotonic() - begun, 1))


def _order(settings: Settings, names: Sequence[str], view: ClusterView) -> tuple[Member, ...]:
    members = settings.topology.members
    wanted = [known(members, name) for name in names] or list(members)
    order = order_of_restart(view, list(dict.fromkeys(wanted)))
    reasons = [] if view.leader else ["no member leads"]
    if view.paused:
        reasons.append("automation is paused")
    if any(member.name == view.leader for member in order) and view.sync_standby is None:
        reasons.append("there is no synchronous standby to take over from the primary")
    if reasons:
        raise Refused(
            f"nothing is restarted: {'; '.join(reasons)}", hint="`howdah cluster status` says more"
        )
    return order


def _restart(settings: Settings, member: Member, watch: Stopwatch, report: Report) -> None:
    with (
        watched_over(settings, RESTART_SECONDS + HEALTH_SECONDS + 60),
        out_of_rotation(settings, member, report),
    ):
        watch.note(f"{member.name} out", f"nobody reads at {member.name}")
        restart_in_place(settings, member)
        _wait_for_health(settings, member)
    watch.note(member.name, f"{member.name} was restarted and follows again")


def restart_in_place(settings: Settings, member: Member) -> None:
    """Have Patroni restart its PostgreSQL; returns when it is up. Raises PatroniRefused."""
    reply = tell(settings, member, "POST", "/restart", {}, timeout_seconds=RESTART_SECONDS)
    insist(reply, f"restart {member.name}")


def _wait_for_health(settings: Settings, member: Member) -> None:
    """Until it follows again, and a synchronous standby protects the primary. CommandFailed."""
    problem = ""

    def healthy() -> bool:
        nonlocal problem
        problem = unhealthy(cluster_view(settings), member.name)
        return not problem

    try:
        wait_until(healthy, f"{member.name} to be healthy", HEALTH_SECONDS, look=0.3)
    except TookTooLong as failure:
        raise CommandFailed(
            f"stopped after {member.name}: {problem}",
            hint=f"`howdah cluster explain {member.name}` says why; the members that are left "
            "were not restarted",
        ) from failure


def unhealthy(view: ClusterView, name: str) -> str:
    """Why the next member may not be restarted yet; empty when it may. Pure."""
    member = view.member(name)
    if member is None or not member.running:
        return f"{name} does not run ({member.trouble or member.state if member else 'unknown'})"
    if view.leader is None:
        return "no member leads"
    if name != view.leader and not member.streaming:
        return f"{name} does not follow the primary"
    if member.timeline != view.timeline:
        return f"{name} is on timeline {member.timeline}, the primary on {view.timeline}"
    if (member.lag_bytes or 0) > LAG_BYTES:
        return f"{name} is {member.lag_bytes} bytes behind"
    standby = view.member(view.sync_standby) if view.sync_standby else None
    return "" if standby and standby.synchronous else "there is no synchronous standby"


def restart_now(given: Settings, names: Sequence[str], report: Report) -> None:
    """Restart these members where they are, at once: who reads or writes there is cut off.

    Raises NotFound, InvalidInput when none is named, OperationUnderWay, PatroniRefused.
    """
    settings = clustered(given)
    if not names:
        raise InvalidInput("name the members to restart, or restart all with --rolling")
    members = [known(settings.topology.members, name) for name in names]
    with operation_lock(settings, "restart"):
        for member in members:
            restart_in_place(settings, member)
            report(f"{member.name} was restarted")
