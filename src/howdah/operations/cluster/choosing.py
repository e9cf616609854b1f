"""Who may take over from whom, decided from a view of the cluster. Pure; refuses in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from howdah.foundation.errors import Conflict, NotFound
from howdah.foundation.topology import Member
from howdah.operations.cluster.diagnosis import megabytes
from howdah.operations.cluster.views import ClusterView, MemberView


class Refused(Conflict):
    """The cluster is not in a state for this."""


@dataclass(frozen=True)
class Change:
    """From whom to whom the lead goes; `old` is None when nobody leads.

    `loses` says what may be lost, empty when nothing can be.
    """

    old: str | None
    new: str
    loses: str = ""


def known(members: Sequence[Member], name: str) -> Member:
    """The member of that name. Raises NotFound that lists them."""
    for member in members:
        if member.name == name:
            return member
    names = ", ".join(member.name for member in members)
    raise NotFound(f"there is no member {name!r}", hint=f"the members are {names}")


def switchover_to(view: ClusterView, members: Sequence[Member], to: str | None) -> Change:
    """Raises Refused with every reason, NotFound."""
    target = known(members, to).name if to else view.sync_standby
    reasons = list(_against_switchover(view, members, target))
    if reasons:
        raise Refused(f"the primary is not moved: {'; '.join(reasons)}", hint=_instead(view))
    assert view.leader is not None
    assert target is not None
    return Change(view.leader, target)


def _against_switchover(
    view: ClusterView, members: Sequence[Member], target: str | None
) -> Iterator[str]:
    if view.leader is None:
        yield "no member leads"
    if view.paused:
        yield "automation is paused"
    if target is None:
        yield "there is no synchronous standby to move it to"
    elif target == view.leader:
        yield f"{target} is the primary already"
    elif not known(members, target).candidate:
        yield f"{target} is a replica, which is never promoted"
    elif target != view.sync_standby:
        yield f"{target} is not the synchronous standby{_which_is(view)}"
    else:
        yield from _unfit(view, target)


def _which_is(view: ClusterView) -> str:
    return f" ({view.sync_standby} is)" if view.sync_standby else ""


def _unfit(view: ClusterView, target: str) -> Iterator[str]:
    standby = view.member(target)
    if standby is None or not standby.streaming:
        state = standby.trouble or standby.replication or standby.state if standby else "unknown"
        yield f"{target} does not follow the primary ({state})"


def _instead(view: ClusterView) -> str:
    if view.leader is None:
        return "`howdah cluster failover` promotes a member when nobody leads"
    if view.paused:
        return "`howdah cluster resume` turns automation on again"
    return "`howdah cluster status` shows the members"


def failover_to(
    view: ClusterView, members: Sequence[Member], to: str | None, *, accept_loss: bool
) -> Change:
    """Raises Refused, NotFound; Refused also when writes may be lost and that is not accepted."""
    target = known(members, to).name if to else view.sync_standby or _only_candidate(view, members)
    reasons = list(_against_failover(view, members, target))
    if reasons:
        raise Refused(f"nobody is promoted: {'; '.join(reasons)}", hint=_healthy_hint(view))
    assert target is not None
    change = Change(view.leader, target, _loses(view, target))
    if change.loses and not accept_loss:
        raise Refused(
            f"{target} is not promoted: {change.loses}",
            hint="bring the primary or the synchronous standby back; or repeat with --accept-loss",
        )
    return change


def _only_candidate(view: ClusterView, members: Sequence[Member]) -> str | None:
    """The one member that could lead besides the one that does; None when there are several."""
    names = [item.name for item in members if item.candidate and item.name != view.leader]
    alive = [name for name in names if (seen := view.member(name)) and seen.running]
    return alive[0] if len(alive) == 1 else None


def _against_failover(
    view: ClusterView, members: Sequence[Member], target: str | None
) -> Iterator[str]:
    if leading := _healthy_leader(view):
        yield f"{leading.name} leads and serves"
    if target is None:
        yield "no member that may lead is running"
        return
    seen = view.member(target)
    if target == view.leader:
        yield f"{target} is the one that leads now"
    elif not known(members, target).candidate:
        yield f"{target} is a replica, which is never promoted"
    elif seen is None or not seen.running:
        yield f"{target} does not run ({seen.trouble or seen.state if seen else 'unknown'})"


def _healthy_leader(view: ClusterView) -> MemberView | None:
    leading = view.member(view.leader) if view.leader else None
    return leading if leading and leading.running else None


def _healthy_hint(view: ClusterView) -> str:
    if _healthy_leader(view):
        return "`howdah cluster switchover` moves a healthy primary without losing anything"
    return "`howdah cluster status` shows the members"


def _loses(view: ClusterView, target: str) -> str:
    """What may be lost with that member in the lead."""
    if target == view.sync_standby:
        return ""
    seen = view.member(target)
    behind = f"; it was {megabytes(seen.lag_bytes)} behind" if seen and seen.lag_bytes else ""
    return (
        "it is not the synchronous standby, so writes that were acknowledged and have not reached "
        f"it would be lost{behind}"
    )
