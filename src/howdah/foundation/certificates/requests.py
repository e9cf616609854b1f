"""Which certificates a topology needs, with the names and addresses they must hold. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from howdah.foundation.processes.accounts import POSTGRESQL
from howdah.foundation.topology import Topology

ROOT, OPERATOR, PGBOUNCER = "root", "operator", "pgbouncer"
LOCAL = ("localhost", "127.0.0.1")
EVERYWHERE = frozenset({"*", "0.0.0.0", "::"})  # noqa: S104  (listened on, never connected to)


@dataclass(frozen=True)
class CertificateRequest:
    """One certificate: for whom, under which names it is reached, and who reads the key."""

    name: str
    hosts: tuple[str, ...]
    """DNS names and IP addresses, all of them."""
    owner: str
    """The account that reads the private key."""


@dataclass(frozen=True)
class CertificateView:
    """One certificate as it lies in the folder; `trouble` is empty when it is good."""

    name: str
    serial: str
    expires: datetime | None
    hosts: tuple[str, ...]
    issuer: str
    trouble: str


def certificates_of(topology: Topology) -> tuple[CertificateRequest, ...]:
    """Every certificate that this topology needs; none in solo."""
    if not topology.clustered:
        return ()
    return tuple(_requests(topology))


def _requests(topology: Topology) -> Iterator[CertificateRequest]:
    # PgBouncer reaches the members through HAProxy and verifies that address.
    proxy = topology.haproxy.host
    for member in topology.members:
        yield _request(member.name, POSTGRESQL, member.host, proxy)
    for etcd in topology.etcd_members:
        yield _request(etcd.name, POSTGRESQL, etcd.host)
    yield _request(PGBOUNCER, POSTGRESQL, topology.pgbouncer.host)
    yield _request(OPERATOR, ROOT)


def _request(name: str, owner: str, *hosts: str) -> CertificateRequest:
    return CertificateRequest(name, tuple(_distinct((name, *hosts, *LOCAL))), owner)


def _distinct(hosts: Iterable[str]) -> Iterator[str]:
    """In order, each once, without addresses that only listeners use."""
    yield from (host for host in dict.fromkeys(hosts) if host not in EVERYWHERE)
