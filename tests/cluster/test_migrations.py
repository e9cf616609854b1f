"""Migrations find the primary, are refused by a standby, and go on after the primary has moved."""

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import sql

from howdah.foundation.settings import Settings
from howdah.operations.cluster.patroni import leader
from howdah.operations.cluster.switchover import switchover
from howdah.operations.migrations import migrate_down, migrate_up, migration_status
from howdah.operations.migrations.apply import MigrationFailed
from howdah.operations.migrations.drift.differences import Difference
from howdah.operations.migrations.drift.who import read_audit
from howdah.operations.migrations.session import MigrationsRefused
from howdah.operations.roles.catalog import OWNER, SUPERUSER
from howdah.operations.roles.connect import connect_directly, connect_member
from howdah.operations.roles.provision import provision_database
from tests.database.migration_files import up_and_down, with_files

REPLICATED_WITHIN_SECONDS = 30.0
LOGGED_WITHIN_SECONDS = 10.0


@pytest.fixture
def own_database(cluster: Settings, tmp_path: Path) -> Iterator[Settings]:
    """Settings of a database of the test's own, and of a folder without migrations."""
    name = f"howdah_test_{uuid4().hex[:12]}"
    topology = cluster.topology
    provision_database(cluster, name)
    postgresql = replace(topology.postgresql, database=name)
    own = replace(cluster, topology=replace(topology, postgresql=postgresql))
    wait_for_replay(cluster)
    yield with_files(own, tmp_path)
    with connect_directly(cluster, SUPERUSER, "postgres") as connection:
        drop = sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name))
        connection.execute(drop)


def wait_for_replay(cluster: Settings) -> None:
    """Until every member shows what the primary has written: a commit waits for no replay."""
    with connect_directly(cluster, SUPERUSER, "postgres") as connection:
        row = connection.execute("SELECT pg_current_wal_insert_lsn()").fetchone()
    deadline = time.monotonic() + REPLICATED_WITHIN_SECONDS
    behind = "SELECT pg_is_in_recovery() AND pg_last_wal_replay_lsn() < %s::pg_lsn"
    for member in cluster.topology.members:
        with connect_member(cluster, member, SUPERUSER, "postgres") as connection:
            while connection.execute(behind, row).fetchone() != (False,):
                assert time.monotonic() < deadline, member.name
                time.sleep(0.05)


def test_they_run_on_the_primary_and_reach_every_member(
    own_database: Settings, tmp_path: Path
) -> None:
    target = with_files(own_database, tmp_path, _001_table=up_and_down("CREATE TABLE t ();"))
    assert migrate_up(target) == ["001_table"]
    wait_for_replay(target)
    for member in target.topology.members:
        database = target.topology.postgresql.database
        with connect_member(target, member, SUPERUSER, database) as connection:
            ledger = "SELECT version, event FROM migrations.ledger"
            assert connection.execute(ledger).fetchall() == [("001", "done")]


def test_who_changes_the_schema_by_hand_is_named(own_database: Settings, tmp_path: Path) -> None:
    run = with_files(own_database, tmp_path, _001_table=up_and_down("CREATE TABLE t ();"))
    migrate_up(run)
    with connect_directly(own_database, SUPERUSER) as connection:
        connection.execute("CREATE TABLE by_hand ()")
    by_hand = Difference("unexpected", "TABLE public.by_hand", ())
    deadline = time.monotonic() + LOGGED_WITHIN_SECONDS
    while (found := read_audit(own_database).last_to_name(by_hand)) is None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert (found.role, found.command) == (SUPERUSER, "CREATE TABLE")
    assert found.statement == "CREATE TABLE by_hand ()"
    migrated = Difference("unexpected", "TABLE public.t", ())
    assert read_audit(own_database).last_to_name(migrated) is None


def test_a_standby_refuses_them_and_may_be_asked(own_database: Settings, tmp_path: Path) -> None:
    target = with_files(own_database, tmp_path, _001_table=up_and_down("CREATE TABLE t ();"))
    primary = leader(target).name
    standby = next(item for item in target.topology.members if item.name != primary)
    topology = target.topology
    aside = replace(
        topology,
        ports=replace(topology.ports, postgresql=standby.port),
        haproxy=replace(topology.haproxy, host=standby.host),
    )
    misled = replace(target, topology=aside)
    for run in (migrate_up, migrate_down):
        with pytest.raises(MigrationsRefused, match="is a standby"):
            run(misled)
    assert migration_status(misled).pending == ("001_table",)


def test_one_that_the_primary_left_is_continued_on_the_next(
    own_database: Settings, tmp_path: Path
) -> None:
    table = "CREATE TABLE t (id int PRIMARY KEY, value int NOT NULL DEFAULT 0);\n"
    table += "INSERT INTO t SELECT generate_series(1, 2000);"
    fill = (
        "-- backfill: t batch:10 rate:200\nUPDATE t SET value = value + 1 WHERE /* batch */ true;"
    )
    target = with_files(
        own_database,
        tmp_path,
        _001_table=up_and_down(table),
        _002_fill=up_and_down(fill, option=" transaction:false"),
    )
    migrate_up(target, "1")
    failures: list[Exception] = []

    def run() -> None:
        try:
            migrate_up(target)
        except MigrationFailed as failure:
            failures.append(failure)

    runner = threading.Thread(target=run)
    runner.start()
    time.sleep(2)
    switchover(target, None, print)
    runner.join(timeout=30)
    assert len(failures) == 1
    assert migration_status(target).interrupted[0].startswith("002_fill up after ")
    told: list[str] = []
    assert migrate_up(target, report=told.append) == ["002_fill"]
    assert any(line.startswith("002_fill: goes on after ") for line in told)
    with connect_directly(target, OWNER) as connection:
        values = connection.execute("SELECT value, count(*) FROM t GROUP BY 1").fetchall()
    assert values == [(1, 2000)]
