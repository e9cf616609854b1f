"""Scenarios of starting and stopping the whole cluster, with the real servers."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from howdah.foundation.layout import Layout
from howdah.foundation.processes.accounts import running_as_root
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import load_settings
from howdah.operations.roles.connect import connect_member
from tests.stack.conftest import PORT_BASE, Ran, Stack

SERVICES = "etcd,postgres,replica,haproxy,redis,pgbouncer"
MEMBERS = ("postgres-a", "postgres-b", "replica-analytics", "replica-dashboards")


@pytest.fixture
def cluster(stack: Stack) -> Iterator[Stack]:
    """A home where no cluster has run yet; as root each zone has a network of its own."""
    zones = str(running_as_root()).lower()
    environment = {
        **stack.environment,
        "HOWDAH_PROFILE": "full",
        "HOWDAH_CLUSTER__ZONE_NETWORKS": zones,
    }
    made = replace(stack, environment=environment)
    yield made
    assert made.howdah("down").exit_code == 0
    assert _networks() == []


def _up(cluster: Stack) -> Ran:
    ran = cluster.howdah("up", "--services", SERVICES)
    assert ran.exit_code == 0, ran.err
    return ran


def _networks() -> list[str]:
    """What is left of the zones' networks."""
    if shutil.which("ip") is None:
        return []
    said = subprocess.run(["ip", "netns", "list"], capture_output=True, text=True, check=True)
    return [line for line in said.stdout.splitlines() if f"howdah-{PORT_BASE}" in line]


def _postmasters(cluster: Stack) -> dict[str, int]:
    """Member → PID of its PostgreSQL, which outlives a Patroni that is killed."""
    files = {name: cluster.home / "data" / name / "pgdata/postmaster.pid" for name in MEMBERS}
    return {name: int(file.read_text().split()[0]) for name, file in files.items()}


def wait_until(holds: Callable[[], bool]) -> None:
    """Waits for something that takes a moment."""
    deadline = time.monotonic() + 15
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def _shown(cluster: Stack, parameter: str) -> set[str]:
    """The parameter's values on all members."""
    settings = load_settings(cluster.environment)
    values = set()
    for member in settings.topology.members:
        with connect_member(settings, member, database="postgres") as connection:
            row = connection.execute(f"SHOW {parameter}".encode()).fetchone()
            assert row is not None
            values.add(row[0])
    return values


def test_a_cluster_comes_up_whole_again_unchanged_and_goes_without_a_trace(cluster: Stack) -> None:
    assert "already" not in _up(cluster).out
    status = cluster.status()
    assert set(MEMBERS) < set(status)
    assert [name for name, line in status.items() if not line["healthy"]] == []
    before = (cluster.pids(), _postmasters(cluster))

    _up(cluster)
    assert (cluster.pids(), _postmasters(cluster)) == before

    assert cluster.howdah("down").exit_code == 0
    assert cluster.processes() == []
    assert _networks() == []

    _up(cluster)
    assert all(line["healthy"] for line in cluster.status().values())


def test_settings_are_taken_up_by_a_running_cluster_without_a_restart(cluster: Stack) -> None:
    _up(cluster)
    before = _postmasters(cluster)
    changed = {
        "HOWDAH_POSTGRESQL__WORK_MEM_MB": "7",
        "HOWDAH_CLUSTER__RETRY_TIMEOUT_SECONDS": "1",
    }
    later = replace(cluster, environment=cluster.environment | changed)
    _up(later)
    wait_until(lambda: _shown(later, "work_mem") == {"7MB"})  # at Patroni's next look
    assert _postmasters(later) == before


def test_killing_the_supervisor_leaves_no_server_of_a_cluster_behind_for_down(
    cluster: Stack,
) -> None:
    _up(cluster)
    servers = [psutil.Process(pid) for pid in _postmasters(cluster).values()]
    os.kill(cluster.supervisor_pid, signal.SIGKILL)
    assert cluster.howdah("down").exit_code == 0
    assert cluster.processes() == []
    assert [server for server in servers if server.is_running()] == []


def test_a_home_keeps_the_profile_that_it_was_made_with(stack: Stack) -> None:
    for folder in (stack.home, stack.home / "data", stack.home / "data/postgres-a"):
        folder.mkdir()
    Path(stack.home, ".howdah").write_text("full\n")
    refused = stack.howdah("up", "--profile", "solo")
    assert refused.exit_code == 1
    assert "was made with the profile 'full'" in refused.err
    assert "HOWDAH_HOME" in refused.err
    assert stack.howdah("config", "show").out.count('profile = "full"') == 1


def test_a_cluster_that_cannot_work_is_refused_with_every_reason(
    stack: Stack, tmp_path: Path
) -> None:
    file = tmp_path / "howdah.toml"
    file.write_text(
        'profile = "full"\n'
        '[members.one]\nrole = "primary"\n'
        '[members.two]\nrole = "primary"\nport = 19432\n'
    )
    environment = stack.environment | {"HOWDAH_CONFIG": str(file)}
    refused = replace(stack, environment=environment).howdah("up")
    assert refused.exit_code == 2
    for reason in ("exactly one member", "role standby", "'analytics'", "is also ports.pgbouncer"):
        assert reason in refused.err
    assert not stack.home.exists()


def test_up_takes_over_a_server_that_outlived_its_patroni(cluster: Stack) -> None:
    _up(cluster)
    before = _postmasters(cluster)["replica-analytics"]
    supervisor = Supervisor(Layout(cluster.home).supervisor_socket)
    os.kill(cluster.pids()["replica-analytics"], signal.SIGSTOP)  # deaf to being asked to end
    supervisor.stop("replica-analytics")
    os.kill(cluster.pids()["replica-analytics"], signal.SIGKILL)
    wait_until(lambda: not supervisor.states()["replica-analytics"].running)
    _up(cluster)
    assert _postmasters(cluster)["replica-analytics"] == before


def test_up_recovers_a_cluster_whose_supervisor_was_killed_and_whose_etcd_forgot(
    cluster: Stack,
) -> None:
    _up(cluster)
    os.kill(cluster.supervisor_pid, signal.SIGKILL)
    _up(cluster)
    assert all(line["healthy"] for line in cluster.status().values())

    assert cluster.howdah("down").exit_code == 0
    shutil.rmtree(cluster.home / "data/etcd-1")
    _up(cluster)
    assert all(line["healthy"] for line in cluster.status().values())
