"""Ask Patroni's REST interfaces, and tell them what to do. Written for Patroni 3.1.

What a member says of itself comes from its own interface; who holds the lease and who is the
synchronous standby from `/cluster`, which any member that reaches etcd can answer.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from howdah.foundation.errors import CommandFailed, HowdahError, Unavailable
from howdah.foundation.settings import Settings, settings_in_force
from howdah.foundation.topology import Member
from howdah.operations.cluster.asking import ask_all
from howdah.operations.cluster.members import member_view
from howdah.operations.cluster.replication import Follower, followers
from howdah.operations.cluster.rest import TIMEOUT_SECONDS, Endpoint, Reply, call
from howdah.operations.cluster.views import ClusterView

PATIENCE_SECONDS = TIMEOUT_SECONDS + 0.5


class PatroniRefused(CommandFailed):
    """Patroni answered that it will not do this."""


def clustered(given: Settings) -> Settings:
    """The settings that this home's cluster runs with. Raises CommandFailed when it is none."""
    settings = settings_in_force(given)
    if not settings.topology.clustered:
        raise CommandFailed(
            "this stack is one PostgreSQL and no cluster",
            hint="`howdah up --profile full` in another HOWDAH_HOME makes a cluster",
        )
    return settings


def tell(  # noqa: PLR0913  (what a request consists of)
    settings: Settings,
    member: Member,
    method: str,
    path: str,
    body: object = None,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Reply:
    """One request to a member's Patroni. Raises Unreachable."""
    endpoint = Endpoint(f"Patroni of {member.name}", member.host, member.rest_port)
    return call(settings, endpoint, method, path, body, timeout_seconds=timeout_seconds)


def insist(reply: Reply, wish: str) -> str:
    """Patroni's words when it obeyed; raises PatroniRefused with them when it did not."""
    if not reply.ok:
        raise PatroniRefused(f"Patroni does not {wish}: {reply.text.strip() or reply.status}")
    return reply.text.strip()


def cluster_view(settings: Settings) -> ClusterView:
    """The cluster now, asked of every member at a time; takes a few seconds at most.

    Never raises for a source that is away: it is named in `unanswered`.
    """
    members = settings.topology.members
    own = {(member.name, "/patroni"): member for member in members}
    shared = {(member.name, "/cluster"): member for member in members}
    answers = ask_all(
        {key: partial(_asked, settings, member, key[1]) for key, member in (own | shared).items()},
        PATIENCE_SECONDS,
    )
    said = {name: answer for (name, path), answer in answers.items() if path == "/patroni"}
    common = _first([answer for (_, path), answer in answers.items() if path == "/cluster"])
    leader = _leader(common, said)
    rows, trouble = _followers(settings, leader)
    return _assembled(settings, leader, common, said, rows, trouble)


def leader(settings: Settings) -> Member:
    """The member that holds the lease. Raises Unavailable when nobody does."""
    view = cluster_view(settings)
    if view.leader is None:
        raise Unavailable(
            "the cluster has no leader right now", hint="`howdah cluster status` says why"
        )
    return settings.topology.member(view.leader)


def _asked(settings: Settings, member: Member, path: str) -> dict[str, Any]:
    answer = tell(settings, member, "GET", path).json()
    if not isinstance(answer, dict):
        raise Unavailable(f"Patroni of {member.name} answered something else than its state")
    return answer


def _first(answers: list[dict[str, Any] | HowdahError]) -> dict[str, Any] | None:
    return next((answer for answer in answers if isinstance(answer, dict)), None)


def _leader(
    common: dict[str, Any] | None, said: Mapping[str, dict[str, Any] | HowdahError]
) -> str | None:
    """From etcd; while that is away, the one member that says it is the primary."""
    if common is not None:
        leading = [row["name"] for row in common["members"] if row["role"] == "leader"]
        return leading[0] if leading else None
    primaries = [
        name
        for name, answer in said.items()
        if isinstance(answer, dict) and answer.get("role") in ("master", "primary")
    ]
    return primaries[0] if len(primaries) == 1 else None


def _followers(
    settings: Settings, leader_name: str | None
) -> tuple[dict[str, Follower] | None, str]:
    """By name, or None and why the primary could not be asked."""
    if leader_name is None:
        return None, ""
    member = settings.topology.member(leader_name)
    answer = ask_all({"": lambda: followers(settings, member)}, PATIENCE_SECONDS)[""]
    if isinstance(answer, HowdahError):
        return (
            None,
            f"the primary {leader_name} could not be asked who follows it: {answer.message}",
        )
    return answer, ""


def _sync_standby(roles: Mapping[str, str], rows: Mapping[str, Follower]) -> str | None:
    """Who may be promoted, from etcd; while that is away, who the primary waits for."""
    named = [name for name, role in roles.items() if role == "sync_standby"]
    awaited = [name for name, row in rows.items() if row.synchronous]
    return next(iter(named if roles else awaited), None)


def _assembled(  # noqa: PLR0913, PLR0917  (every source's answer)
    settings: Settings,
    leader_name: str | None,
    common: dict[str, Any] | None,
    said: Mapping[str, dict[str, Any] | HowdahError],
    rows: Mapping[str, Follower] | None,
    trouble: str,
) -> ClusterView:
    roles = {row["name"]: row["role"] for row in common["members"]} if common else {}
    answers = [answer for answer in said.values() if isinstance(answer, dict)]
    unanswered = [trouble] if trouble else []
    if common is None:
        unanswered.append("no member could read the cluster's state from etcd")
    return ClusterView(
        members=tuple(
            member_view(
                member,
                said[member.name],
                roles.get(member.name, ""),
                rows,
                said.get(leader_name) if leader_name else None,
            )
            for member in settings.topology.members
        ),
        leader=leader_name,
        sync_standby=_sync_standby(roles, rows or {}),
        paused=any(answer.get("pause") for answer in (*answers, common or {})),
        without_etcd=any(answer.get("failsafe_mode_is_active") for answer in answers),
        unanswered=tuple(unanswered),
    )
