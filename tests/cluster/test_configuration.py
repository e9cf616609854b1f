"""What the cluster is, asked of its running parts and never of our own files."""

import json
import time
from typing import Any

import psycopg
import pytest

from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster.patroni import cluster_view
from howdah.operations.roles.connect import connect_member

MEMBERS = ("postgres-a", "postgres-b", "replica-analytics", "replica-dashboards")
CONSOLE = {"dbname": "pgbouncer", "user": "pgbouncer_admin"}


@pytest.fixture(params=MEMBERS)
def member(request: pytest.FixtureRequest, cluster: Settings) -> Member:
    """Each member in turn."""
    return cluster.topology.member(request.param)


def _shown(cluster: Settings, member: Member, parameter: str) -> str:
    with connect_member(cluster, member, database="postgres") as connection:
        row = connection.execute("SELECT current_setting(%s)", (parameter,)).fetchone()
    assert row is not None
    return str(row[0])


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("data_checksums", "on"),
        ("ssl", "on"),
        ("ssl_min_protocol_version", "TLSv1.2"),
        ("password_encryption", "scram-sha-256"),
        ("log_destination", "jsonlog"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("fsync", "on"),
        ("pgaudit.log", "ddl, role"),
    ],
)
def test_every_member_runs_with(
    cluster: Settings, member: Member, parameter: str, value: str
) -> None:
    assert _shown(cluster, member, parameter) == value


def test_every_member_has_loaded_statistics_and_audit(cluster: Settings, member: Member) -> None:
    loaded = _shown(cluster, member, "shared_preload_libraries").split(",")
    assert {"pg_stat_statements", "pgaudit"} <= set(loaded)


def test_every_member_has_its_share_of_the_memory(cluster: Settings, member: Member) -> None:
    wanted = cluster.topology.postgresql.shared_buffers_mb
    with connect_member(cluster, member, database="postgres") as connection:
        row = connection.execute(
            "SELECT setting::int * 8 / 1024 FROM pg_settings WHERE name = 'shared_buffers'"
        ).fetchone()
    assert row == (wanted,)


def test_no_rule_lets_anybody_in_unencrypted_or_without_scram(
    cluster: Settings, member: Member
) -> None:
    with connect_member(cluster, member, database="postgres") as connection:
        rules = connection.execute(
            "SELECT type, auth_method FROM pg_hba_file_rules WHERE error IS NULL"
        ).fetchall()
        broken = connection.execute("SELECT error FROM pg_hba_file_rules WHERE error IS NOT NULL")
        assert broken.fetchall() == []
    assert set(rules) == {("local", "scram-sha-256"), ("hostssl", "scram-sha-256")}


def test_every_member_logs_json(cluster: Settings, member: Member) -> None:
    marker = f"marker-{time.time_ns()}"
    with connect_member(cluster, member, database="postgres") as connection:
        connection.execute(f"DO $$ BEGIN RAISE LOG '{marker}'; END $$".encode())
    folder = cluster.layout.member_logs(member.name)
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        lines = [line for file in folder.glob("*.json") for line in file.read_text().splitlines()]
        entries: list[dict[str, Any]] = [json.loads(line) for line in lines if marker in line]
        if entries:
            assert entries[0]["error_severity"] == "LOG"
            return
        time.sleep(0.1)
    pytest.fail(f"{marker} is in no JSON log of {folder}", pytrace=False)


def test_one_member_leads_one_is_its_synchronous_standby_and_replicas_are_neither(
    cluster: Settings,
) -> None:
    view = cluster_view(cluster)
    candidates = {item.name for item in cluster.topology.members if item.candidate}
    assert {view.leader, view.sync_standby} == candidates


def test_the_primary_waits_for_the_standby_alone(cluster: Settings) -> None:
    view = cluster_view(cluster)
    assert view.leader is not None
    leader = cluster.topology.member(view.leader)
    assert _shown(cluster, leader, "synchronous_standby_names") in (
        f'"{view.sync_standby}"',
        view.sync_standby,
    )


@pytest.mark.parametrize(
    ("purpose", "expected"),
    [("analytics", {"replica-analytics"}), ("dashboards", {"replica-dashboards"})],
)
def test_a_purpose_leads_to_its_replica(
    cluster: Settings, purpose: str, expected: set[str]
) -> None:
    assert _served_by(cluster, cluster.topology.purposes[purpose]) == expected


def test_writes_lead_to_the_member_that_leads(cluster: Settings) -> None:
    assert _served_by(cluster, "app_db") == {cluster_view(cluster).leader}


def _served_by(cluster: Settings, database: str) -> set[str]:
    """The members that answer for a database of PgBouncer."""
    ports = {item.port: item.name for item in cluster.topology.members}
    with _through_pgbouncer(cluster, user="app_write", dbname=database) as connection:
        found = {connection.execute("SELECT inet_server_port()").fetchone() for _ in range(10)}
    return {ports[row[0]] for row in found if row}


def _through_pgbouncer(
    cluster: Settings, user: str, dbname: str
) -> "psycopg.Connection[tuple[Any, ...]]":
    pooler = cluster.topology.pgbouncer
    return psycopg.connect(
        host=pooler.host,
        port=pooler.port,
        user=user,
        dbname=dbname,
        password=cluster.secret(user),
        autocommit=True,
        prepare_threshold=None,
        cursor_factory=psycopg.ClientCursor,
        **cluster.transport_security,
    )


def test_pgbouncer_has_the_architectures_numbers_and_verifies_the_server(
    cluster: Settings,
) -> None:
    with _through_pgbouncer(cluster, **CONSOLE) as console:
        rows = {row[0]: row[1] for row in console.execute("SHOW CONFIG").fetchall()}
    wanted = {
        "pool_mode": "transaction",
        "max_client_conn": "1000",
        "default_pool_size": "25",
        "reserve_pool_size": "5",
        "client_tls_sslmode": "require",
        "server_tls_sslmode": "verify-full",
        "auth_type": "scram-sha-256",
    }
    assert {name: rows[name] for name in wanted} == wanted


def test_pgbouncer_speaks_to_servers_encrypted(cluster: Settings) -> None:
    with _through_pgbouncer(cluster, user="app_write", dbname="app_db") as connection:
        row = connection.execute(
            "SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()"
        ).fetchone()
    assert row is not None
    assert row[0] is True
    assert row[1] in {"TLSv1.2", "TLSv1.3"}
