"""Scenarios of starting and stopping, with the real servers."""

import os
import shutil
import signal
import socket
from pathlib import Path

import psutil

from howdah.foundation.layout import Layout
from howdah.foundation.processes.survivors import wait_gone
from howdah.foundation.settings import CHECKOUT
from tests.stack.conftest import DATA_SERVICES, PORT_BASE, Stack

PGBOUNCER_PORT = PORT_BASE + 32


def test_up_serves_and_down_leaves_nothing_running(stack: Stack) -> None:
    stack.up()
    status = stack.status()
    assert set(status) == {"postgresql", "redis", "pgbouncer"}
    assert all(line["healthy"] for line in status.values())
    assert stack.howdah("status").exit_code == 0

    assert "stopped" in stack.howdah("down").out
    assert stack.processes() == []
    assert stack.howdah("status").exit_code == 1
    assert "Nothing was running" in stack.howdah("down").out


def test_up_again_changes_nothing(stack: Stack) -> None:
    stack.up()
    before = stack.pids()
    assert "already running" in stack.up().out
    assert stack.pids() == before


def test_killing_the_supervisor_leaves_no_program_behind_for_down(stack: Stack) -> None:
    stack.up()
    os.kill(stack.supervisor_pid, signal.SIGKILL)
    assert stack.howdah("down").exit_code == 0
    assert stack.processes() == []


def test_up_recovers_from_a_killed_supervisor(stack: Stack) -> None:
    stack.up()
    os.kill(stack.supervisor_pid, signal.SIGKILL)
    stack.up()
    assert all(line["healthy"] for line in stack.status().values())


def test_down_ends_programs_that_survived_because_they_are_stopped(stack: Stack) -> None:
    stack.up()
    os.kill(stack.pids()["redis"], signal.SIGSTOP)  # deaf to every signal but KILL
    os.kill(stack.supervisor_pid, signal.SIGKILL)
    assert stack.howdah("down").exit_code == 0
    assert stack.processes() == []


def test_a_program_that_dies_is_started_again(stack: Stack) -> None:
    stack.up()
    before = stack.pids()["pgbouncer"]
    os.kill(before, signal.SIGKILL)
    stack.up()
    after = stack.status()["pgbouncer"]
    assert after["healthy"]
    assert after["pid"] != before


def test_workers_of_the_api_end_with_their_server_even_when_they_hang(stack: Stack) -> None:
    assert stack.howdah("up", "--services", f"{DATA_SERVICES},api").exit_code == 0
    server = psutil.Process(stack.pids()["api"])
    workers = server.children()
    assert workers
    for worker in workers:
        worker.suspend()
    server.kill()
    assert wait_gone(workers, patience_seconds=10) == []


def test_a_taken_port_is_named_with_its_setting_and_nothing_is_started(stack: Stack) -> None:
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", PGBOUNCER_PORT))
        other.listen()
        ran = stack.howdah("up", "--services", "postgresql,pgbouncer,redis")
    assert ran.exit_code == 1
    assert f"port {PGBOUNCER_PORT} for PgBouncer is taken by" in ran.err
    assert f"(PID {os.getpid()})" in ran.err
    assert "ports.base" in ran.err
    assert stack.processes() == []


def test_a_program_that_cannot_start_is_shown_with_its_last_lines_and_the_rest_is_stopped(
    stack: Stack,
) -> None:
    stack.up()
    stack.howdah("down")
    (stack.home / "data" / "postgresql" / "PG_VERSION").write_text("9.1\n")
    ran = stack.howdah("up", "--services", "postgresql,pgbouncer,redis")
    assert ran.exit_code == 1
    assert "PostgreSQL could not start" in ran.err
    assert "database files are incompatible with server" in ran.err
    assert "Traceback" not in ran.err
    assert stack.processes() == []


def test_a_migration_that_is_refused_is_dealt_with_on_a_stack_that_keeps_its_schema(
    stack: Stack, tmp_path: Path
) -> None:
    stack.up()
    stack.howdah("down")
    shutil.copytree(CHECKOUT / "migrations", tmp_path / "migrations")
    with (tmp_path / "migrations" / "001_initial_schema.sql").open("a") as file:
        file.write("-- An afterthought.\n")
    stack.environment["HOWDAH_CHECKOUT"] = str(tmp_path)
    refused = stack.howdah("up", "--services", DATA_SERVICES)
    assert refused.exit_code == 1
    assert "001_initial_schema.sql was changed after it ran" in refused.err
    assert "`howdah up --keep-schema`" in refused.err
    assert stack.processes() == []
    assert stack.howdah("up", "--services", "postgresql", "--keep-schema").exit_code == 0
    assert stack.howdah("migrate", "accept", "001", "--reason", "a comment").exit_code == 0
    stack.up()


def test_a_changed_setting_restarts_only_what_it_concerns(stack: Stack) -> None:
    stack.up()
    before = stack.pids()
    stack.environment["HOWDAH_PGBOUNCER__QUERY_WAIT_TIMEOUT_SECONDS"] = "31"
    stack.up()
    after = stack.pids()
    assert after["pgbouncer"] != before["pgbouncer"]
    assert after["postgresql"] == before["postgresql"]
    assert after["redis"] == before["redis"]


def test_a_running_stack_moves_to_other_ports(stack: Stack) -> None:
    stack.up()
    stack.environment["HOWDAH_PORTS__BASE"] = str(PORT_BASE + 1)
    stack.up()
    status = stack.status()
    assert status["redis"]["port"] == PORT_BASE + 80
    assert all(line["healthy"] for line in status.values())


def test_restart_gives_a_service_a_new_process(stack: Stack) -> None:
    stack.up()
    before = stack.pids()
    assert stack.howdah("restart", "redis").exit_code == 0
    after = stack.pids()
    assert after["redis"] != before["redis"]
    assert after["postgresql"] == before["postgresql"]


def test_reset_asks_first_and_then_deletes_everything(stack: Stack) -> None:
    stack.up()
    refused = stack.howdah("reset", typed="no\n")
    assert refused.exit_code == 2
    assert stack.status()["postgresql"]["healthy"]

    assert stack.howdah("reset", typed="production\n").exit_code == 0
    assert stack.processes() == []
    assert not stack.home.exists()


def test_no_file_but_the_secrets_and_redis_own_holds_a_plain_password(stack: Stack) -> None:
    stack.up()
    secrets = stack.home / "secrets"
    passwords = [path.read_bytes().strip() for path in secrets.iterdir()]
    redis_password = (secrets / "redis").read_bytes().strip()
    for path in stack.home.rglob("*"):
        if path.is_file() and path.parent != secrets:
            text = path.read_bytes()
            assert not any(
                password in text for password in passwords if password != redis_password
            ), path
            if redis_password in text:
                assert path.name == "redis.conf"
                assert path.stat().st_mode & 0o077 == 0


def test_only_the_two_roles_of_the_application_may_use_the_pooler(stack: Stack) -> None:
    stack.up()
    users = (stack.home / "etc" / "userlist.txt").read_text().split('"')[1::4]
    assert users == ["app_write", "app_read", "pgbouncer_admin"]


def test_a_database_that_has_vanished_is_not_replaced_by_an_empty_one(stack: Stack) -> None:
    stack.up()
    (stack.home / "secrets" / "admin_token").write_text("issued by the database that was here")
    stack.howdah("down")
    (stack.home / "data" / "postgresql").rename(stack.home / "data" / "elsewhere")
    refused = stack.howdah("up", "--services", DATA_SERVICES)
    assert refused.exit_code == 1
    assert "the database files of this home are gone" in refused.err
    assert stack.processes() == []
    (stack.home / "data" / "elsewhere").rename(stack.home / "data" / "postgresql")
    stack.up()


def test_shared_counters_are_in_memory_and_go_with_the_stack(stack: Stack) -> None:
    """On a full disk a memory-mapped file that grows would kill the API."""
    layout = Layout(stack.home)
    stack.up()
    assert layout.metrics.resolve() == layout.metrics_in_memory
    assert layout.metrics_in_memory.is_dir()
    stack.howdah("reset", "--yes")
    assert not layout.metrics_in_memory.exists()


def test_somebody_elses_folder_in_memory_is_not_used(stack: Stack) -> None:
    layout = Layout(stack.home)
    layout.metrics_in_memory.symlink_to("/etc")
    try:
        stack.up()
        assert layout.metrics.is_dir()
        assert not layout.metrics.is_symlink()
    finally:
        layout.metrics_in_memory.unlink()
