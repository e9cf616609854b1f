"""haproxy.cfg: the way to whoever leads, and to the replicas of each purpose.

It looks into no connection: TLS runs from PgBouncer to PostgreSQL. It asks Patroni who may serve.
"""

from collections.abc import Iterator

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.text import HEADER
from howdah.foundation.topology import ROUTES, Member, Topology

LOOK = "inter 700ms fastinter 200ms downinter 400ms fall 2 rise 1"
"""How often Patroni is asked: a member that fails twice is left out within 2 s."""
LEAVE = "on-marked-down shutdown-sessions"
RETURN = "on-marked-up shutdown-backup-sessions"
"""Connections that had to go elsewhere are cut when the member serves again."""


def haproxy_cfg(topology: Topology, layout: Layout) -> str:
    """One listener for the primary and one for each purpose of reads."""
    parts = [
        f"# {HEADER}",
        *_global(layout),
        *_primary(topology, layout),
        *(line for purpose in ROUTES for line in _route(topology, layout, purpose)),
        *_statistics(topology),
    ]
    return "\n".join(parts) + "\n"


def _global(layout: Layout) -> Iterator[str]:
    yield from (
        "global",
        "  maxconn 4000",
        f"  stats socket {layout.haproxy_socket} mode 600 level admin",
        "  log stdout format raw local0 notice",
        "  ssl-default-server-options ssl-min-ver TLSv1.2",
        "defaults",
        "  mode tcp",
        "  log global",
        "  retries 1",
        "  option redispatch 1",
        "  timeout connect 1s",
        "  timeout queue 1s",
        "  timeout client 24h",
        "  timeout server 24h",
        "  timeout check 1s",
        "  option clitcpka",
        "  option srvtcpka",
    )


def _primary(topology: Topology, layout: Layout) -> Iterator[str]:
    yield from _listener(topology, "primary", topology.ports.postgresql, "first", "/primary")
    for member in topology.members:
        if member.candidate:
            yield f"  {_server(member)} {_check(member, layout)} {LOOK} {LEAVE}"


def _route(topology: Topology, layout: Layout, purpose: str) -> Iterator[str]:
    """Its own replicas, then the others, then the primary if the policy allows it."""
    limit = topology.cluster.lag_limit_bytes(purpose)
    port = getattr(topology.ports, purpose)
    # Not roundrobin: what PgBouncer opens anew goes to the replica that has fewer, so that one
    # which comes back gets its half again.
    balance = "leastconn" if purpose == "any" else "first"
    yield from _listener(topology, purpose, port, balance, f"/replica?lag={limit}")
    replicas = [member for member in topology.members if not member.candidate]
    own = [item for item in replicas if purpose == "any" or purpose in item.purposes]
    for member in (*own, *(item for item in replicas if item not in own)):
        # One look serves two routes with the same limit.
        shared = purpose != "any" and limit == topology.cluster.lag_limit_bytes("any")
        look = f"track any/{member.name}" if shared else f"{_check(member, layout)} {LOOK}"
        backup = "" if member in own else " backup"
        yield f"  {_server(member)} {look} {LEAVE} {RETURN}{backup}"
    if topology.cluster.falls_back(purpose):
        for member in topology.members:
            if member.candidate:
                yield f"  {_server(member)} track primary/{member.name} {LEAVE} backup"


def _listener(
    topology: Topology, name: str, port: int, balance: str, question: str
) -> Iterator[str]:
    yield from (
        f"listen {name}",
        f"  bind {topology.haproxy.host}:{port}",
        f"  balance {balance}",
        f"  option httpchk OPTIONS {question}",
        "  http-check expect status 200",
    )


def _server(member: Member) -> str:
    return f"server {member.name} {member.host}:{member.port}"


def _check(member: Member, layout: Layout) -> str:
    authority = layout.certificates / "ca.crt"
    return f"check port {member.rest_port} check-ssl verify required ca-file {authority}"


def _statistics(topology: Topology) -> Iterator[str]:
    yield from (
        "frontend statistics",
        f"  bind {topology.haproxy.host}:{topology.ports.haproxy}",
        "  mode http",
        "  timeout client 10s",
        "  http-request use-service prometheus-exporter if { path /metrics }",
        "  stats enable",
        "  stats uri /stats",
    )
