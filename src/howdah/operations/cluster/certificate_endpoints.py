"""Every address at which one of our certificates is presented, and what is presented there."""

import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from howdah.foundation.certificates import CertificateStore
from howdah.foundation.certificates.presented import Presented, presented, reason
from howdah.foundation.certificates.requests import EVERYWHERE, LOCAL, OPERATOR, PGBOUNCER
from howdah.foundation.settings import Settings
from howdah.foundation.topology import EtcdMember, Topology

LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class CertificateEndpoint:
    """Where a program presents its certificate; `path` is asked for where HTTP is spoken.

    `shown`: the certificate that we show there. etcd's members accept on their peers' port only
    one that names the address it comes from, as theirs do.
    """

    title: str
    certificate: str
    host: str
    port: int
    postgresql: bool = False
    path: str = ""
    shown: str = OPERATOR


def endpoints_of(topology: Topology) -> tuple[CertificateEndpoint, ...]:
    """All of them."""
    return tuple(_endpoints(topology))


def _endpoints(topology: Topology) -> Iterator[CertificateEndpoint]:
    for etcd in topology.etcd_members:
        yield from _etcd(etcd)
    host = topology.pgbouncer.host
    reached = LOCAL[1] if host in EVERYWHERE else host
    yield CertificateEndpoint(
        "PgBouncer", PGBOUNCER, reached, topology.ports.pgbouncer, postgresql=True
    )
    for member in topology.members:
        name, host = member.name, member.host
        yield CertificateEndpoint(f"PostgreSQL {name}", name, host, member.port, postgresql=True)
        yield CertificateEndpoint(f"Patroni {name}", name, host, member.rest_port, path="/liveness")


def _etcd(member: EtcdMember) -> tuple[CertificateEndpoint, CertificateEndpoint]:
    """For clients and for other members."""
    name, host = member.name, member.host
    return (
        CertificateEndpoint(f"{name} clients", name, host, member.client_port, path="/version"),
        CertificateEndpoint(
            f"{name} peers", name, host, member.peer_port, path="/version", shown=name
        ),
    )


def checked_by(topology: Topology, certificate: str) -> tuple[CertificateEndpoint, ...]:
    """Where to see that a certificate works; the operator's is shown to etcd, which demands it."""
    if certificate == OPERATOR:
        return tuple(
            replace(client, title=f"{OPERATOR} at {client.certificate}")
            for client, _ in map(_etcd, topology.etcd_members)
        )
    return tuple(item for item in endpoints_of(topology) if item.certificate == certificate)


def client_context(settings: Settings, name: str) -> ssl.SSLContext:
    """Trusts our authority alone, verifies fully, shows that certificate. Raises OSError."""
    store = CertificateStore(settings.layout.certificates)
    context = ssl.create_default_context(cafile=str(store.authority_certificate))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(store.certificate(name), store.key(name))
    return context


def look(settings: Settings, endpoint: CertificateEndpoint) -> Presented | str:
    """What is presented there and passes every check, or why not."""
    try:
        return presented(
            endpoint.host,
            endpoint.port,
            client_context(settings, endpoint.shown),
            postgresql=endpoint.postgresql,
            path=endpoint.path,
        )
    except OSError as failure:
        return reason(failure)


def wait_for(
    settings: Settings, endpoint: CertificateEndpoint, serial: str | None, patience_seconds: float
) -> Presented | str:
    """Look until that serial number is presented (None: any), or patience ends; the last look."""
    deadline = time.monotonic() + patience_seconds
    while True:
        found = look(settings, endpoint)
        good = isinstance(found, Presented) and serial in (None, found.serial)
        if good or time.monotonic() > deadline:
            return found
        time.sleep(LOOK_SECONDS)
