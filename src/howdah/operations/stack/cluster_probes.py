"""Whether the parts of the cluster serve, asked over TLS; each raises NotReady until they do."""

import http.client
from typing import Any

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from howdah.foundation.topology import EtcdMember, Member
from howdah.operations.cluster.rest import Endpoint, call
from howdah.operations.stack.probes import NotReady, primary_answers

PRIMARY = frozenset({"master", "primary"})
"""What Patroni calls the one that leads, in its versions."""


def etcd_answers(etcd: EtcdMember, settings: Settings, _: int) -> None:
    """It is healthy: it has a leader and can write."""
    status, answer = ask(settings, etcd.host, etcd.client_port, "/health")
    if status != http.client.OK or str(answer.get("health")) != "true":
        raise NotReady(f"/health answered {status}: {answer}")


def member_serves(member: Member, settings: Settings, _: int) -> None:
    """PostgreSQL runs and has its place: it leads, stands by in synchrony, or follows."""
    status, answer = ask(settings, member.host, member.rest_port, "/patroni")
    state, role = answer.get("state"), answer.get("role")
    if state != "running" or role is None:
        raise NotReady(f"PostgreSQL is {state or status}")
    if role in PRIMARY:
        return
    # Not pg_stat_replication: until Patroni has written it down nobody could be promoted.
    if member.candidate and not answer.get("sync_standby") and not _synchronous(settings, member):
        raise NotReady("it is not a synchronous standby (yet)")


def _synchronous(settings: Settings, besides: Member) -> bool:
    """Whether another candidate is the synchronous standby."""
    for member in settings.topology.members:
        if member.candidate and member != besides:
            try:
                _, answer = ask(settings, member.host, member.rest_port, "/patroni")
            except NotReady:
                continue
            if answer.get("sync_standby"):
                return True
    return False


def haproxy_leads_to_the_primary(settings: Settings, pid: int) -> None:
    """A query through it: just started it takes every member for well, until it has asked them."""
    primary_answers(settings, pid)


def leading_member(settings: Settings) -> str | None:
    """The name of the member that leads now; None when nobody says so."""
    for member in settings.topology.members:
        try:
            status, _ = ask(settings, member.host, member.rest_port, "/primary")
        except NotReady:
            continue
        if status == http.client.OK:
            return member.name
    return None


def ask(settings: Settings, host: str, port: int, path: str) -> tuple[int, dict[str, Any]]:
    """Status and JSON object of a GET, as the operator. Raises NotReady."""
    try:
        reply = call(settings, Endpoint(path, host, port), "GET", path)
        found = reply.json() if reply.text else {}
    except Unavailable as failure:
        raise NotReady(failure.message) from failure
    return reply.status, found if isinstance(found, dict) else {}
