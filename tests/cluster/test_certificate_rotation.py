"""Certificates and their authority are replaced on the running cluster, and nobody notices."""

import http.client
import json
import ssl
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from howdah.foundation.certificates import (
    CertificateStore,
    certificate_expiries,
    certificates_of,
)
from howdah.foundation.certificates.authority import AUTHORITY_DAYS, issue, new_authority
from howdah.foundation.certificates.issuing import issue_into
from howdah.foundation.certificates.presented import Presented, presented
from howdah.foundation.certificates.store import write_file
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.cluster import rotate_certificates
from howdah.operations.cluster.certificate_endpoints import (
    CertificateEndpoint,
    client_context,
    endpoints_of,
    look,
    wait_for,
)
from howdah.operations.cluster.rotate_authority import rotate_authority
from howdah.operations.cluster.rotate_certificates import rotate_certificates as rotate
from tests.cluster.pooler_clients import clients_at_work, connect

MOMENTS = (
    "both authorities are trusted from now on",
    "the new authority signs from now on",
    "the old authority is trusted no more",
)
"""After which a change of authority is cut short: the last one, or each with --all-drills."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "moment" in metafunc.fixturenames:
        everything = metafunc.config.getoption("--all-drills")
        metafunc.parametrize("moment", MOMENTS if everything else MOMENTS[-1:])


@pytest.fixture
def store(cluster: Settings) -> CertificateStore:
    return CertificateStore(cluster.layout.certificates)


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
    _have_presented(settings)


def _have_presented(settings: Settings) -> None:
    supervisor = Supervisor(settings.layout.supervisor_socket)
    for name in ("pgbouncer", *(member.name for member in settings.topology.members)):
        supervisor.signal(name, "HUP")
    for endpoint in endpoints_of(settings.topology):
        _wait_until_refused(settings, endpoint)


def _wait_until_refused(settings: Settings, endpoint: CertificateEndpoint) -> None:
    deadline = time.monotonic() + 20
    while isinstance(look(settings, endpoint), Presented):
        assert time.monotonic() < deadline, f"{endpoint.title} presents its old certificate"
        time.sleep(0.1)


def test_a_new_authority_takes_over_under_load(
    cluster: Settings, store: CertificateStore, tmp_path: Path
) -> None:
    old = store.authority_certificate.read_bytes()
    (tmp_path / "old.crt").write_bytes(old)
    leaked = {item: client_context(cluster, item.shown) for item in endpoints_of(cluster.topology)}
    with clients_at_work(cluster) as seen:
        ran = howdah("cluster", "rotate-certificates", "--authority")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert seen.errors == []
    assert old not in store.authority_certificate.read_bytes()
    assert serials_presented(cluster) == serials_in_force(cluster)
    for endpoint, context in leaked.items():
        if endpoint.path:
            context.load_verify_locations(store.authority_certificate)
            with pytest.raises((ssl.SSLError, ConnectionResetError)):  # Patroni may just hang up
                presented(endpoint.host, endpoint.port, context, path=endpoint.path)
    with pytest.raises(psycopg.OperationalError, match="certificate verify failed"):
        connect(cluster, sslrootcert=str(tmp_path / "old.crt"))


def test_a_change_of_authority_that_was_cut_short_is_continued_under_load(
    cluster: Settings, moment: str
) -> None:
    def interrupted(line: str) -> None:
        if line == moment:
            raise KeyboardInterrupt

    with clients_at_work(cluster) as seen:
        with pytest.raises(KeyboardInterrupt):
            rotate_authority(cluster, interrupted)
        ran = howdah("cluster", "rotate-certificates", "--authority")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert seen.errors == []
    assert serials_presented(cluster) == serials_in_force(cluster)


def test_an_authority_that_has_expired_is_replaced(
    cluster: Settings, store: CertificateStore
) -> None:
    ten_years_ago = datetime.now(UTC) - timedelta(days=AUTHORITY_DAYS + 1)
    expired = new_authority("production", str(cluster.home), ten_years_ago)
    for request in certificates_of(cluster.topology):
        pair = issue(expired, request, datetime.now(UTC))
        store.stage(request.name, pair, request.owner)
        store.put_in_force(request.name, pair.serial)
    write_file(store.authority_key, expired.key_pem, "root", 0o600)
    write_file(store.authority_certificate, expired.pem, "root", 0o644)
    _have_presented(cluster)
    refused = howdah("cluster", "rotate-certificates")
    assert refused.returncode == 1
    assert "the certificate authority" in refused.stderr
    assert "rotate-certificates --authority" in refused.stderr
    ran = howdah("cluster", "rotate-certificates", "--authority")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert serials_presented(cluster) == serials_in_force(cluster)


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


def test_up_renews_what_is_about_to_expire_while_it_runs(
    cluster: Settings, store: CertificateStore
) -> None:
    last_days = [item for item in certificates_of(cluster.topology) if item.name != "operator"]
    issue_into(store, last_days, days=10)
    with clients_at_work(cluster) as seen:
        ran = howdah("up", "--profile", "full")
        assert ran.returncode == 0, ran.stdout + ran.stderr
        for endpoint in endpoints_of(cluster.topology):  # Patroni reads its files once a round
            wait_for(cluster, endpoint, store.serial_in_force(endpoint.certificate), 20)
    assert seen.errors == []
    assert serials_presented(cluster) == serials_in_force(cluster)
    assert howdah("cluster", "certificates").returncode == 0
