"""Certificates on the running cluster: who is refused, and what their replacement costs nobody."""

import http.client
import json
import ssl
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from howdah.foundation.certificates import (
    CertificateStore,
    certificate_expiries,
    certificates_of,
    ensure_certificates,
)
from howdah.foundation.certificates.issuing import issue_into
from howdah.foundation.certificates.presented import Presented, presented
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.cluster import certificate_endpoints, rotate_certificates
from howdah.operations.cluster.certificate_endpoints import (
    CertificateEndpoint,
    endpoints_of,
    look,
)
from howdah.operations.cluster.rest import operator_context
from howdah.operations.cluster.rotate_certificates import rotate_certificates as rotate
from tests.cluster.pooler_clients import clients_at_work, connect


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


def postgresql_ports(settings: Settings) -> list[int]:
    """Everything that speaks PostgreSQL's protocol: members, HAProxy's routes, PgBouncer."""
    ports = settings.topology.ports
    routes = [ports.postgresql, ports.analytics, ports.dashboards, ports.any]
    members = [member.port for member in settings.topology.members]
    return [*members, *routes, ports.pgbouncer]


def serials_presented(settings: Settings) -> dict[str, str]:
    """Endpoint → the serial number there; the test fails where anything is wrong."""
    found = {item.title: look(settings, item) for item in endpoints_of(settings.topology)}
    assert {title: why for title, why in found.items() if isinstance(why, str)} == {}
    return {title: item.serial for title, item in found.items() if isinstance(item, Presented)}


def serials_in_force(settings: Settings) -> dict[str, str | None]:
    store = CertificateStore(settings.layout.certificates)
    return {
        item.title: store.serial_in_force(item.certificate)
        for item in endpoints_of(settings.topology)
    }


def howdah(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "howdah.entrypoints.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


# ---- who is refused -----------------------------------------------------------------------------


def test_connections_that_are_not_encrypted_are_refused(cluster: Settings) -> None:
    for port in postgresql_ports(cluster):
        with pytest.raises(psycopg.OperationalError, match=r"no encryption|SSL required"):
            connect(cluster, port=port, dbname=_database(cluster, port), sslmode="disable")


def _database(settings: Settings, port: int) -> str:
    pooler = port == settings.topology.ports.pgbouncer
    return "app_db" if pooler else settings.topology.postgresql.database


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
    context = operator_context(settings)
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
    for port in postgresql_ports(cluster):
        with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
            connect(cluster, port=port, dbname=_database(cluster, port), sslrootcert=authority)


def test_a_server_under_another_name_is_refused(cluster: Settings) -> None:
    for port in postgresql_ports(cluster):
        with pytest.raises(psycopg.OperationalError, match="does not match host name"):
            connect(
                cluster,
                port=port,
                dbname=_database(cluster, port),
                host="database.example.com",
                hostaddr="127.0.0.1",
            )


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
        with pytest.raises(ssl.SSLError, match="alert"):
            _ask(member.host, member.rest_port, unknown, "GET", "/liveness")


def _ask(host: str, port: int, context: ssl.SSLContext, method: str, path: str) -> tuple[int, str]:
    connection = http.client.HTTPSConnection(host, port, timeout=5, context=context)
    try:
        connection.request(method, path, "{}", {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


# ---- what is replaced ---------------------------------------------------------------------------


def test_a_rotation_under_load_drops_no_client(cluster: Settings) -> None:
    before = serials_presented(cluster)
    with clients_at_work(cluster) as seen:
        ran = howdah("cluster", "rotate-certificates", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert seen.errors == []
    assert seen.writes > 100
    assert seen.connections > 10
    after = serials_presented(cluster)
    assert after == serials_in_force(cluster)
    assert not set(before.values()) & set(after.values())
    rows = {row["endpoint"]: row for row in json.loads(ran.stdout)["endpoints"]}
    assert {title: rows[title]["old"] for title in before} == before
    assert {title: rows[title]["new"] for title in after} == after


def test_what_is_not_taken_up_keeps_its_old_certificate_and_stops_the_rotation(
    cluster: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = serials_presented(cluster)
    tell = rotate_certificates.tell_to_read_again

    def deaf_pooler(supervisor: Supervisor, program: str) -> None:
        if program != "pgbouncer":
            tell(supervisor, program)

    monkeypatch.setattr(rotate_certificates, "tell_to_read_again", deaf_pooler)
    monkeypatch.setattr(rotate_certificates, "PATIENCE_SECONDS", 3.0)
    with clients_at_work(cluster) as seen:
        rotation = rotate(cluster, print)
    assert seen.errors == []
    assert not rotation.complete
    assert rotation.stopped.startswith("pgbouncer did not take up its new certificate")
    after = serials_presented(cluster)
    assert after == serials_in_force(cluster)
    unchanged = {title for title in before if before[title] == after[title]}
    assert unchanged == {title for title in before if not title.startswith("etcd-")}


def test_certificates_that_have_expired_are_replaced_at_three_in_the_morning(
    cluster: Settings, store: CertificateStore
) -> None:
    _let_expire(cluster, store)
    listed = howdah("cluster", "certificates")
    assert listed.returncode == 1
    assert "expired" in listed.stdout
    ran = howdah("cluster", "rotate-certificates")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert serials_presented(cluster) == serials_in_force(cluster)
    assert howdah("cluster", "certificates").returncode == 0


def _let_expire(settings: Settings, store: CertificateStore) -> None:
    """Every certificate has just expired, and everybody presents it."""
    issue_into(store, certificates_of(settings.topology), days=-1)
    supervisor = Supervisor(settings.layout.supervisor_socket)
    for name in ("pgbouncer", *(member.name for member in settings.topology.members)):
        supervisor.signal(name, "HUP")
    for endpoint in endpoints_of(settings.topology):
        if endpoint.certificate != "etcd-1":
            _wait_until_refused(settings, endpoint)


def _wait_until_refused(settings: Settings, endpoint: CertificateEndpoint) -> None:
    for _ in range(100):
        found = certificate_endpoints.look(settings, endpoint)
        if isinstance(found, str) and "expired" in found:
            return
    pytest.fail(f"{endpoint.title} does not present its expired certificate: {found}")


def test_a_new_authority_takes_over_under_load(
    cluster: Settings, store: CertificateStore, tmp_path: Path
) -> None:
    old = store.authority_certificate.read_bytes()
    (tmp_path / "old.crt").write_bytes(old)
    leaked = operator_context(cluster)
    with clients_at_work(cluster) as seen:
        ran = howdah("cluster", "rotate-certificates", "--authority")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert seen.errors == []
    assert old not in store.authority_certificate.read_bytes()
    assert serials_presented(cluster) == serials_in_force(cluster)
    leaked.load_verify_locations(store.authority_certificate)
    for endpoint in endpoints_of(cluster.topology):
        if endpoint.path:
            with pytest.raises(ssl.SSLError, match="alert"):
                presented(endpoint.host, endpoint.port, leaked, path=endpoint.path)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(cluster, sslrootcert=str(tmp_path / "old.crt"))


def test_the_api_tells_when_each_certificate_ends(cluster: Settings) -> None:
    api = cluster.topology.api
    connection = http.client.HTTPConnection(api.host, cluster.topology.ports.api, timeout=10)
    connection.request("GET", "/metrics")
    told = connection.getresponse().read().decode()
    connection.close()
    name = "howdah_certificate_expiry_timestamp_seconds"
    found = {
        line.split('"')[1]: float(line.split()[-1])
        for line in told.splitlines()
        if line.startswith(name + "{")
    }
    assert found == certificate_expiries(cluster)
    assert min(found.values()) > 0
