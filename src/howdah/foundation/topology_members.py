"""The members of a cluster as data: PostgreSQL servers under Patroni, and etcd's. Pure.

In `howdah.toml` each member is a table `[members.NAME]`; when there is one, they replace the
default four.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

PURPOSES = ("primary", "analytics", "dashboards", "any")
"""What a statement is sent for: `primary` writes and reads what must be current."""
ROLES = ("primary", "standby", "replica")
LOCAL = "127.0.0.1"
POSTGRESQL_OFFSET, REST_OFFSET, ETCD_OFFSET = 40, 50, 60
MOST_MEMBERS = 10
"""Ports from the base + 40 on, and as many for their REST interfaces."""


@dataclass(frozen=True)
class Member:
    """One PostgreSQL server and the Patroni that runs it.

    `role`: `primary` leads at first, a `standby` may be promoted, a `replica` never is. `purposes`:
    reads that it serves before other replicas do; every replica serves `any`. A port or host left
    at its default follows from the place in the list.
    """

    name: str
    zone: str
    role: str
    purposes: tuple[str, ...] = ()
    host: str = ""
    port: int = 0
    rest_port: int = 0

    @property
    def candidate(self) -> bool:
        """Whether it may become the primary."""
        return self.role != "replica"


@dataclass(frozen=True)
class EtcdMember:
    """One member of etcd, which keeps the primary's lease."""

    name: str
    host: str
    client_port: int
    peer_port: int


def default_members() -> tuple[Member, ...]:
    """The picture of the architecture document."""
    return (
        Member("postgres-a", "a", "primary"),
        Member("postgres-b", "b", "standby"),
        Member("replica-analytics", "a", "replica", ("analytics",)),
        Member("replica-dashboards", "b", "replica", ("dashboards",)),
    )


def placed(members: Sequence[Member], base: int, *, zone_networks: bool) -> tuple[Member, ...]:
    """The members with the addresses and ports that they were not given."""
    return tuple(
        replace(
            member,
            host=member.host
            or (f"{network_prefix(base)}.{10 + place}" if zone_networks else LOCAL),
            port=member.port or base + POSTGRESQL_OFFSET + place,
            rest_port=member.rest_port or base + REST_OFFSET + place,
        )
        for place, member in enumerate(members)
    )


def network_prefix(base: int) -> str:
    """The first three numbers of the zones' network: one for each port base, of private ones."""
    return f"10.97.{base // 100 % 256}"


def etcd_members(count: int, base: int, *, zone_networks: bool) -> tuple[EtcdMember, ...]:
    """etcd's members, numbered from 1, two ports each; a third site beside the zones."""
    first = base + ETCD_OFFSET
    host = f"{network_prefix(base)}.1" if zone_networks else LOCAL
    return tuple(
        EtcdMember(f"etcd-{place + 1}", host, first + 2 * place, first + 2 * place + 1)
        for place in range(count)
    )


def impossible(members: Sequence[Member]) -> Iterator[tuple[str, object, str]]:
    """Why these cannot be a cluster: key, value, and what would be right."""
    primaries = [member.name for member in members if member.role == "primary"]
    if len(primaries) != 1:
        found = ", ".join(primaries) or "none"
        yield "members", found, "exactly one member has the role primary; the others follow it"
    if not any(member.role == "standby" for member in members):
        yield "members", "no standby", "at least one member needs the role standby, to take over"
    replicas = [member for member in members if not member.candidate]
    for purpose in ("analytics", "dashboards"):
        if not any(purpose in member.purposes for member in replicas):
            right = f"at least one replica needs {purpose!r} in its purposes"
            yield "members", f"no replica for {purpose}", right
    for member in members:
        if member.candidate and member.purposes:
            right = "only replicas serve purposes; the primary and the standby keep for writes"
            yield f"members.{member.name}.purposes", list(member.purposes), right
    if len(members) > MOST_MEMBERS:
        yield "members", len(members), f"at most {MOST_MEMBERS} members"


def doubtful(members: Sequence[Member], etcd_count: int) -> Iterator[str]:
    """What works and is not wise, in sentences."""
    primary_zones = {member.zone for member in members if member.role == "primary"}
    standby_zones = {member.zone for member in members if member.role == "standby"}
    if primary_zones and standby_zones and not standby_zones - primary_zones:
        zone = ", ".join(sorted(primary_zones))
        yield f"The primary and every standby are in zone {zone}: its loss stops all writes."
    if etcd_count % 2 == 0:
        fewer = etcd_count - 1
        yield (
            f"cluster.etcd_members = {etcd_count} is even: it survives no more losses than "
            f"{fewer} would, and can lose one more; take {fewer} or {etcd_count + 1}."
        )
