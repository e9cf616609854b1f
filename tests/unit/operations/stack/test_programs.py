from pathlib import Path

import pytest

from howdah.foundation.errors import InvalidInput
from howdah.foundation.layout import Layout
from howdah.foundation.processes import accounts
from howdah.foundation.topology import Backup, Cluster, Topology, Worker
from howdah.operations.stack.programs import NAMES, OPS_WORKER, PROGRAMS, chosen, programs_of

LAYOUT = Layout(Path("/srv/howdah/var"))


def _names(topology: Topology, *wanted: str) -> list[str]:
    return [program.name for program in chosen(topology, frozenset(wanted))]


def test_all_are_chosen_when_none_is_named() -> None:
    assert _names(Topology()) == list(NAMES)


def test_those_named_are_chosen_in_the_order_of_their_start() -> None:
    assert _names(Topology(), "redis", "postgresql") == ["postgresql", "redis"]


def test_further_workers_are_numbered_and_come_with_the_first() -> None:
    topology = Topology(worker=Worker(count=3))
    assert _names(topology, "worker") == ["worker", "worker-2", "worker-3"]


def test_a_name_that_is_no_service_is_refused_with_those_that_are() -> None:
    with pytest.raises(InvalidInput, match=r"'mysql'.*postgresql, redis, pgbouncer"):
        chosen(Topology(), frozenset({"mysql"}))


def test_tiers_never_go_down_so_that_each_starts_after_what_it_needs() -> None:
    tiers = [program.tier for program in programs_of(Topology())]
    assert tiers == sorted(tiers)


@pytest.mark.parametrize("program", [*PROGRAMS, OPS_WORKER], ids=lambda program: program.name)
def test_every_program_ends_when_its_supervisor_dies(program) -> None:
    command = program.supervised(Topology(), LAYOUT).command
    assert command.startswith(f"setpriv --pdeathsig {program.stop_signal} ")


def test_the_ops_worker_is_there_while_there_are_backups() -> None:
    assert "ops-worker" not in _names(Topology())
    with_backups = Topology(backup=Backup(enabled=True))
    assert _names(with_backups)[-1] == "ops-worker"
    assert _names(with_backups, "worker") == ["worker"]


def test_only_the_ops_worker_runs_as_the_account_that_owns_the_backups(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "running_as_root", lambda: True)
    topology = Topology(backup=Backup(enabled=True))
    commands = {
        item.name: item.supervised(topology, LAYOUT).command for item in programs_of(topology)
    }
    of_postgres = {name for name, command in commands.items() if "--reuid postgres" in command}
    assert of_postgres == {"postgresql", "pgbouncer", "ops-worker"}
    # The application's group, for the queue's password; none of the account's own.
    assert "--regid postgres --groups howdah -- env -u PROM" in commands["ops-worker"]


def test_the_api_takes_its_size_from_the_topology() -> None:
    api = next(program for program in PROGRAMS if program.name == "api")
    command = api.supervised(Topology(), LAYOUT).command
    assert "--port 8400" in command
    assert "--workers 2 --blocking-threads 8" in command


def test_a_cluster_has_patroni_for_each_member_instead_of_one_server() -> None:
    names = [program.name for program in programs_of(Topology(profile="full"))]
    assert "postgresql" not in names
    assert names[:6] == [
        "etcd-1",
        "postgres-a",
        "postgres-b",
        "replica-analytics",
        "replica-dashboards",
        "haproxy",
    ]


def test_members_of_a_kind_are_chosen_together() -> None:
    topology = Topology(profile="full")
    assert _names(topology, "replica", "etcd") == [
        "etcd-1",
        "replica-analytics",
        "replica-dashboards",
    ]
    assert _names(topology, "postgres-b") == ["postgres-b"]


def test_members_run_in_the_network_of_their_zone() -> None:
    topology = Topology(profile="full", cluster=Cluster(zone_networks=True))
    commands = {
        item.name: item.supervised(topology, LAYOUT).command for item in programs_of(topology)
    }
    assert " netns exec howdah-8400-b setpriv " in commands["postgres-b"]
    assert "netns" not in commands["haproxy"]
