"""Who is refused on the running cluster: by encryption, by authority, by name."""

import http.client
import ssl
from pathlib import Path

import psycopg
import pytest

from howdah.foundation.certificates import CertificateStore, ensure_certificates
from howdah.foundation.certificates.presented import presented
from howdah.foundation.settings import Settings
from howdah.operations.cluster.certificate_endpoints import (
    CertificateEndpoint,
    client_context,
    endpoints_of,
)
from tests.cluster.pooler_clients import connect


@pytest.fixture
def store(cluster: Settings) -> CertificateStore:
    return CertificateStore(cluster.layout.certificates)


@pytest.fixture
def stranger(cluster: Settings, tmp_path: Path) -> CertificateStore:
    """Certificates for the same names, by an authority that nobody here trusts."""
    other = Settings(tmp_path, None, cluster.topology)
    ensure_certificates(other)
    return CertificateStore(other.layout.certificates)


def trusting(store: CertificateStore) -> ssl.SSLContext:
    """A client that verifies fully and shows no certificate."""
    return ssl.create_default_context(cafile=str(store.authority_certificate))


def ways_in(settings: Settings) -> list[dict[str, object]]:
    """Everything that speaks PostgreSQL's protocol: members, HAProxy's routes, PgBouncer."""
    topology, ports = settings.topology, settings.topology.ports
    members = [(member.host, member.port) for member in topology.members]
    routes = [ports.postgresql, ports.analytics, ports.dashboards, ports.any]
    addresses = members + [(topology.haproxy.host, port) for port in routes]
    database = topology.postgresql.database
    return [
        *({"host": host, "port": port, "dbname": database} for host, port in addresses),
        {"host": topology.pgbouncer.host, "port": ports.pgbouncer, "dbname": "app_db"},
    ]


def test_connections_that_are_not_encrypted_are_refused(cluster: Settings) -> None:
    for way in ways_in(cluster):
        with pytest.raises(psycopg.OperationalError, match=r"no encryption|SSL required"):
            connect(cluster, **way, sslmode="disable")


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_outdated_tls_is_refused_by_the_server(cluster: Settings, version: ssl.TLSVersion) -> None:
    for endpoint in endpoints_of(cluster.topology):
        with pytest.raises(ssl.SSLError, match="alert"):  # the server said no, not our library
            _connect_with(cluster, endpoint, version)


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_current_tls_is_accepted(cluster: Settings, version: ssl.TLSVersion) -> None:
    for endpoint in endpoints_of(cluster.topology):
        _connect_with(cluster, endpoint, version)


def _connect_with(
    settings: Settings, endpoint: CertificateEndpoint, version: ssl.TLSVersion
) -> None:
    context = client_context(settings, endpoint.shown)
    context.set_ciphers("ALL:@SECLEVEL=0")  # our side would take even these
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = version
    context.minimum_version = version
    presented(
        endpoint.host,
        endpoint.port,
        context,
        postgresql=endpoint.postgresql,
        path=endpoint.path,
    )


def test_a_server_of_another_authority_is_refused(
    cluster: Settings, stranger: CertificateStore
) -> None:
    authority = str(stranger.authority_certificate)
    for way in ways_in(cluster):
        with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
            connect(cluster, **way, sslrootcert=authority)


def test_a_server_under_another_name_is_refused(cluster: Settings) -> None:
    for way in ways_in(cluster):
        elsewhere = way | {"host": "database.example.com", "hostaddr": way["host"]}
        with pytest.raises(psycopg.OperationalError, match="does not match host name"):
            connect(cluster, **elsewhere)


@pytest.mark.parametrize("speaks", ["clients", "peers"])
def test_etcd_answers_only_who_shows_a_certificate_of_ours(
    cluster: Settings, store: CertificateStore, stranger: CertificateStore, speaks: str
) -> None:
    unknown = trusting(store)
    unknown.load_cert_chain(stranger.certificate("operator"), stranger.key("operator"))
    for endpoint in endpoints_of(cluster.topology):
        if endpoint.title.endswith(speaks):
            for context in (trusting(store), unknown):
                with pytest.raises(ssl.SSLError, match="alert"):
                    presented(endpoint.host, endpoint.port, context, path=endpoint.path)


UNSAFE = [
    ("POST", "/switchover"),
    ("POST", "/failover"),
    ("POST", "/restart"),
    ("POST", "/reload"),
    ("POST", "/reinitialize"),
    ("PATCH", "/config"),
    ("PUT", "/config"),
    ("POST", "/sigterm"),
]


@pytest.mark.parametrize(("method", "path"), UNSAFE)
def test_patroni_changes_nothing_for_who_shows_no_certificate(
    cluster: Settings, store: CertificateStore, method: str, path: str
) -> None:
    for member in cluster.topology.members:
        status, text = _ask(member.host, member.rest_port, trusting(store), method, path)
        assert status == 403, (member.name, text)


def test_patroni_tells_everybody_how_it_is(cluster: Settings, store: CertificateStore) -> None:
    for member in cluster.topology.members:
        assert _ask(member.host, member.rest_port, trusting(store), "GET", "/liveness")[0] == 200


def test_patroni_refuses_certificates_of_another_authority(
    cluster: Settings, store: CertificateStore, stranger: CertificateStore
) -> None:
    unknown = trusting(store)
    unknown.load_cert_chain(stranger.certificate("operator"), stranger.key("operator"))
    for member in cluster.topology.members:
        with pytest.raises((ssl.SSLError, ConnectionResetError)):  # some versions just hang up
            _ask(member.host, member.rest_port, unknown, "GET", "/liveness")


def _ask(host: str, port: int, context: ssl.SSLContext, method: str, path: str) -> tuple[int, str]:
    connection = http.client.HTTPSConnection(host, port, timeout=5, context=context)
    try:
        connection.request(method, path, "{}", {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()
