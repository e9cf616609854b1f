"""Promote a member when nobody leads, or who leads does not serve."""

import time
from dataclasses import dataclass

from howdah.foundation.errors import HowdahError
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster import routes
from howdah.operations.cluster.asking import wait_until
from howdah.operations.cluster.choosing import Change, failover_to
from howdah.operations.cluster.lock import operation_lock
from howdah.operations.cluster.patroni import cluster_view, clustered, insist, tell
from howdah.operations.cluster.replication import accepts_writes
from howdah.operations.cluster.reporting import Report, Stopwatch
from howdah.operations.cluster.rest import TimedOut

ANSWER_SECONDS = 3.0
PROMOTE_SECONDS = 30.0
"""Beside the lease, which must have run out."""


@dataclass(frozen=True)
class FailoverResult:
    """Who leads instead of whom; `seconds` from the request until it accepts writes."""

    old: str | None
    new: str
    seconds: float
    loses: str


def plan_failover(given: Settings, to: str | None, *, accept_loss: bool) -> Change:
    """Who would be promoted, and what may be lost. Raises Refused, NotFound; changes nothing."""
    settings = clustered(given)
    members = settings.topology.members
    return failover_to(cluster_view(settings), members, to, accept_loss=accept_loss)


def failover(
    given: Settings, to: str | None, report: Report, *, accept_loss: bool = False
) -> FailoverResult:
    """Have a member lead. What was not stored there is lost.

    Raises Refused or NotFound before anything is touched, OperationUnderWay, PatroniRefused,
    CommandFailed when it does not lead in time.
    """
    settings = clustered(given)
    plan_failover(settings, to, accept_loss=accept_loss)
    with operation_lock(settings, "failover"):
        view, members = cluster_view(settings), settings.topology.members
        change = failover_to(view, members, to, accept_loss=accept_loss)
        new = settings.topology.member(change.new)
        watch, begun = Stopwatch(report), time.monotonic()
        _request(settings, new)
        watch.note("asked", f"Patroni is to promote {new.name}")
        _wait_for_promotion(settings, new)
        watch.note("promoted", f"{new.name} accepts writes")
        _lead_haproxy(settings, change, watch)
    return FailoverResult(change.old, new.name, round(time.monotonic() - begun, 3), change.loses)


def _request(settings: Settings, new: Member) -> None:
    """Patroni answers when it is over, or at once when it refuses: only that is waited for."""
    body = {"candidate": new.name}
    try:
        reply = tell(settings, new, "POST", "/failover", body, timeout_seconds=ANSWER_SECONDS)
    except TimedOut:
        return
    insist(reply, f"promote {new.name}")


def _wait_for_promotion(settings: Settings, new: Member) -> None:
    patience = settings.topology.cluster.ttl_seconds + PROMOTE_SECONDS
    wait_until(lambda: accepts_writes(settings, new), f"{new.name} to lead", patience, look=0.2)


def _lead_haproxy(settings: Settings, change: Change, watch: Stopwatch) -> None:
    """Its own checks find the new primary too, a second later."""
    others = [item for item in settings.topology.members if item.candidate]
    old = change.old or next(item.name for item in others if item.name != change.new)
    try:
        routes.lead_to(settings, old, change.new)
    except HowdahError as failure:
        watch.note("haproxy", f"HAProxy was not told: {failure.message}")
