"""What Patroni and PostgreSQL say of one member → a MemberView. Pure but for the clock."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from howdah.foundation.errors import HowdahError
from howdah.foundation.topology import Member
from howdah.operations.cluster.replication import Follower
from howdah.operations.cluster.views import (
    PRIMARY,
    REPLICA,
    STANDBY,
    SYNCHRONOUS,
    UNKNOWN,
    MemberView,
)

Said = Mapping[str, Any] | HowdahError | None
"""A member's own answer, why there is none, or None when it was not asked."""
Followers = Mapping[str, Follower] | None
"""Who is connected to the primary; None when the primary could not be asked."""


def member_view(
    member: Member, said: Said, role_in_etcd: str, followers: Followers, leader_said: Said
) -> MemberView:
    """One member as its own Patroni, etcd and the primary see it."""
    follower = followers.get(member.name) if followers is not None else None
    replication = _replication(followers, follower)
    if not isinstance(said, Mapping):
        trouble = said.message if said else "it was not asked"
        role = _role(member, {}, role_in_etcd, follower)
        return MemberView(
            member.name, member.zone, role, "unreachable", replication=replication, trouble=trouble
        )
    role = _role(member, said, role_in_etcd, follower)
    lag_bytes, lag_seconds = _lag(role, said, follower, leader_said)
    return MemberView(
        name=member.name,
        zone=member.zone,
        role=role,
        state=str(said.get("state", UNKNOWN)),
        timeline=said.get("timeline") or None,
        lag_bytes=lag_bytes,
        lag_seconds=lag_seconds,
        synchronous=role == SYNCHRONOUS and follower is not None and follower.synchronous,
        replication=replication,
        pending_restart=bool(said.get("pending_restart")),
        replay_paused=bool(said.get("xlog", {}).get("paused")),
        started_at=str(said.get("postmaster_start_time") or ""),
    )


def _replication(followers: Followers, follower: Follower | None) -> str | None:
    if follower is not None:
        return follower.state
    return None if followers is None else ""


def _role(
    member: Member, said: Mapping[str, Any], role_in_etcd: str, follower: Follower | None
) -> str:
    """What etcd says; while it is away, what the member and the primary do."""
    if role_in_etcd == "leader" or (not role_in_etcd and said.get("role") in ("master", "primary")):
        return PRIMARY
    synchronous = follower is not None and follower.synchronous
    if role_in_etcd == "sync_standby" or (not role_in_etcd and synchronous):
        return SYNCHRONOUS
    if not said and not role_in_etcd:
        return UNKNOWN
    return STANDBY if member.candidate else REPLICA


def _lag(
    role: str, said: Mapping[str, Any], follower: Follower | None, leader_said: Said
) -> tuple[int | None, float | None]:
    """Bytes and seconds behind: the primary's own figures, else from what both members say."""
    if role == PRIMARY:
        return None, None
    if follower is not None:
        return follower.lag_bytes, follower.lag_seconds
    replayed = said.get("xlog", {}).get("replayed_location")
    written = leader_said.get("xlog", {}).get("location") if isinstance(leader_said, Mapping) else 0
    if not replayed or not written:
        return None, None
    behind = max(0, int(written) - int(replayed))
    return behind, _age(said["xlog"].get("replayed_timestamp")) if behind else 0.0


def _age(moment: str | None) -> float | None:
    """Seconds since a moment as Patroni writes it."""
    if not moment:
        return None
    then = datetime.fromisoformat(moment)
    now = datetime.now(UTC)
    return max(0.0, (now - (then if then.tzinfo else then.replace(tzinfo=UTC))).total_seconds())
