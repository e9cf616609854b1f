"""What operators do with a running cluster, and what their clients notice of it."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from howdah.foundation.errors import HowdahError
from howdah.foundation.settings import Settings
from howdah.operations.cluster import automation
from howdah.operations.cluster.asking import wait_until
from howdah.operations.cluster.choosing import Refused
from howdah.operations.cluster.clients import resume_clients
from howdah.operations.cluster.etcd import EtcdAway
from howdah.operations.cluster.failover import failover
from howdah.operations.cluster.lock import (
    LEASE_SECONDS,
    OperationUnderWay,
    current_operation,
    operation_lock,
)
from howdah.operations.cluster.patroni import cluster_view
from howdah.operations.cluster.pooler import PauseTimedOut, console, pool_views
from howdah.operations.cluster.reinit import reinit
from howdah.operations.cluster.reporting import silent
from howdah.operations.cluster.restart import restart_rolling
from howdah.operations.cluster.routes import put_back, route_views, take_out
from howdah.operations.cluster.status import cluster_status
from howdah.operations.cluster.switchover import switchover
from howdah.operations.drills import faults
from tests.cluster.clients import working_clients
from tests.cluster.pooler_clients import connect

PAUSE_SECONDS = 6.0
"""Far above what a quiet machine needs; benchmarks hold the figure itself."""


def howdah(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "howdah.entrypoints.cli", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=200, stdin=subprocess.DEVNULL, check=False
    )


def leader(settings: Settings) -> str:
    name = cluster_view(settings).leader
    assert name is not None
    return name


def paused(settings: Settings) -> list[str]:
    return [pool.database for pool in pool_views(settings) if pool.paused]


@contextmanager
def open_transaction(settings: Settings) -> Iterator[None]:
    """A client that began something and does not end it."""
    with connect(settings, autocommit=False, application_name="sleeper") as connection:
        connection.execute("SELECT 1")
        yield
        connection.rollback()


def test_nothing_is_wrong_with_a_whole_cluster(cluster: Settings) -> None:
    finished = howdah("cluster", "status", "--json")
    found: dict[str, Any] = json.loads(finished.stdout)
    assert (found["wrong"], finished.returncode) == ([], 0)
    assert [route["purpose"] for route in found["routes"]] == [
        "primary",
        "analytics",
        "dashboards",
        "any",
    ]


def test_a_switchover_fails_no_request_and_loses_none(cluster: Settings) -> None:
    old = leader(cluster)
    with working_clients(cluster) as load:
        result = switchover(cluster, None, silent)
    assert (result.old, leader(cluster)) == (old, result.new)
    assert load.failures() == []
    assert load.stored() == load.writes()
    assert result.pause_seconds < PAUSE_SECONDS
    assert result.protected_after_seconds is not None


def test_of_two_operators_one_wins_and_the_other_is_told_who(cluster: Settings) -> None:
    def attempt(_: int) -> object:
        try:
            return switchover(cluster, None, silent)
        except HowdahError as failure:
            return failure

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(attempt, range(2)))
    refusals = [item for item in outcomes if isinstance(item, HowdahError)]
    assert len(refusals) == 1
    assert isinstance(refusals[0], OperationUnderWay)
    assert "switchover by" in str(refusals[0])


def test_a_replica_is_never_switched_to(cluster: Settings) -> None:
    finished = howdah("cluster", "switchover", "--to", "replica-analytics", "--yes")
    assert finished.returncode == 1
    assert "replica-analytics is a replica, which is never promoted" in finished.stderr


def test_nothing_dangerous_is_done_when_nobody_can_be_asked(cluster: Settings) -> None:
    before = leader(cluster)
    finished = howdah("cluster", "switchover")
    assert finished.returncode == 2
    assert "The primary moves from" in finished.stdout
    assert leader(cluster) == before


def test_a_long_transaction_stops_the_switchover_and_not_the_clients(cluster: Settings) -> None:
    before = leader(cluster)
    with (
        open_transaction(cluster),
        pytest.raises(PauseTimedOut, match=r"went on for 3 s.*sleeper"),
    ):
        switchover(cluster, None, silent)
    assert paused(cluster) == []
    assert leader(cluster) == before


def test_clients_go_on_when_a_switchover_is_killed(cluster: Settings) -> None:
    command = [sys.executable, "-m", "howdah.entrypoints.cli", "cluster", "switchover", "--yes"]
    with open_transaction(cluster), subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        wait_until(lambda: paused(cluster) == ["app_db"], "clients to be held back", 15)
        os.kill(process.pid, signal.SIGKILL)
        wait_until(lambda: paused(cluster) == [], "the companion to let them go on", 10)
    wait_until(lambda: not current_operation(cluster), "the lock to be free", LEASE_SECONDS + 10)


def test_a_paused_pool_is_told_and_let_go(cluster: Settings) -> None:
    with console(cluster) as admin:
        admin.pause("app_db_any", 5)
    assert any("holds the clients of app_db_any back" in line for line in wrong(cluster))
    assert resume_clients(cluster) == ["the clients of app_db_any go on"]
    assert paused(cluster) == []


def test_letting_clients_go_on_who_do_not_wait_is_harmless(cluster: Settings) -> None:
    with console(cluster) as admin:
        admin.resume("app_db")
    assert paused(cluster) == []


def test_an_interrupted_switchover_lets_clients_go_on(cluster: Settings) -> None:
    command = [sys.executable, "-m", "howdah.entrypoints.cli", "cluster", "switchover", "--yes"]
    with (
        open_transaction(cluster),
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process,
    ):
        wait_until(lambda: paused(cluster) == ["app_db"], "clients to be held back", 15)
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
        assert paused(cluster) == []
    assert process.returncode == 130
    assert b"clients go on; Patroni may still finish" in said
    assert not current_operation(cluster)


def test_a_member_left_out_of_rotation_is_told_and_put_back(cluster: Settings) -> None:
    take_out(cluster, "replica-analytics")
    try:
        assert any("was taken out of HAProxy's rotation" in line for line in wrong(cluster))
        analytics = next(item for item in route_views(cluster) if item.purpose == "analytics")
        assert analytics.serving == ("replica-dashboards",)
        assert resume_clients(cluster) == ["replica-analytics is in HAProxy's rotation again"]
    finally:
        put_back(cluster, "replica-analytics")
    assert wrong(cluster) == ()


def wrong(settings: Settings) -> tuple[str, ...]:
    return cluster_status(settings).wrong


def test_a_paused_automation_is_told_and_stops_a_switchover(cluster: Settings) -> None:
    automation.pause(cluster)
    try:
        assert any("automation is paused" in line for line in wrong(cluster))
        with pytest.raises(Refused, match="automation is paused"):
            switchover(cluster, None, silent)
    finally:
        automation.resume(cluster)
    assert wrong(cluster) == ()


def test_a_healthy_primary_is_not_failed_over(cluster: Settings) -> None:
    with pytest.raises(Refused, match="leads and serves"):
        failover(cluster, None, silent, accept_loss=True)


def test_a_failover_brings_a_leader_while_automation_is_paused(cluster: Settings) -> None:
    old, standby = leader(cluster), cluster_view(cluster).sync_standby
    automation.pause(cluster)
    try:
        faults.kill_members(cluster, [old], fence=True)
        wait_until(lambda: cluster_view(cluster).leader is None, "the lease to run out", 30)
        assert any(line.startswith("no member leads") for line in wrong(cluster))
        assert failover(cluster, None, silent).new == standby
    finally:
        faults.start(cluster, old)
        automation.resume(cluster)
    explained = howdah("cluster", "explain", old)
    assert old in explained.stdout


def test_a_rolling_restart_fails_no_request(cluster: Settings) -> None:
    old = leader(cluster)
    with working_clients(cluster) as load:
        result = restart_rolling(cluster, (), silent)
    assert load.failures() == []
    assert load.stored() == load.writes()
    assert result.restarted[-1] == old
    assert leader(cluster) != old


def test_the_primary_is_not_re_seeded(cluster: Settings) -> None:
    with pytest.raises(Refused, match="is the primary"):
        reinit(cluster, leader(cluster), silent)


def test_a_replica_whose_data_are_gone_is_made_anew(cluster: Settings) -> None:
    shutil.rmtree(cluster.layout.member_folder("replica-analytics"), ignore_errors=True)
    with working_clients(cluster) as load:
        load.forgive("app_db_analytics", "app_db_any")  # until its loss is noticed
        said: list[str] = []
        result = reinit(cluster, "replica-analytics", said.append)
    assert load.failures() == []
    assert result.size_bytes > 0
    assert any("copies" in line for line in said)
    assert wrong(cluster) == ()


def test_status_answers_while_a_member_hangs(cluster: Settings) -> None:
    member = cluster.topology.member("replica-dashboards")
    processes = _processes(cluster, member.port)
    try:
        for pid in processes:
            os.kill(pid, signal.SIGSTOP)
        begun = time.monotonic()
        found = wrong(cluster)
        assert time.monotonic() - begun < 8
        assert any(line.startswith("replica-dashboards cannot be asked") for line in found)
    finally:
        for pid in processes:
            os.kill(pid, signal.SIGCONT)


def _processes(settings: Settings, port: int) -> list[int]:
    from howdah.foundation.processes.supervisor import Supervisor  # noqa: PLC0415

    name = next(item.name for item in settings.topology.members if item.port == port)
    return [Supervisor(settings.layout.supervisor_socket).states()[name].pid]


def test_the_lock_is_free_when_its_operation_is_done(cluster: Settings) -> None:
    with operation_lock(cluster, "a test"):
        assert cluster_status(cluster).operation.startswith("a test by")
    assert not cluster_status(cluster).operation


def test_clients_of_the_admin_console_see_the_limit_of_connections(cluster: Settings) -> None:
    limits = {pool.database: pool.server_limit for pool in pool_views(cluster)}
    assert set(limits) == set(cluster.topology.pgbouncer.databases)
    assert set(limits.values()) == {cluster.topology.pgbouncer.max_db_connections}


def test_without_etcd_status_says_so_and_nothing_is_changed(cluster: Settings) -> None:
    before = leader(cluster)
    stores = [member.name for member in cluster.topology.etcd_members]
    faults.keep_down(cluster, stores)
    try:
        wait_until(lambda: cluster_view(cluster).without_etcd, "the consent of the members", 20)
        found = wrong(cluster)
        assert any(line.startswith("etcd has no majority") for line in found)
        assert not any("no synchronous standby" in line for line in found)
        with pytest.raises(EtcdAway):
            switchover(cluster, None, silent)
        assert cluster_view(cluster).leader == before
    finally:
        for store in stores:
            faults.start(cluster, store)
