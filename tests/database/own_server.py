"""A PostgreSQL that a test has to itself: as a standby, or with settings of its own."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from shutil import chown
from socket import create_server
from tempfile import TemporaryDirectory

from howdah.foundation.processes.accounts import as_account, running_as_root
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.provision import provision_roles

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
ACCOUNT = "postgres"


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def at_port(settings: Settings, port: int) -> Settings:
    """The same settings, leading to another PostgreSQL."""
    topology = settings.topology
    return replace(
        settings,
        topology=replace(
            topology,
            ports=replace(topology.ports, postgresql=port),
            postgresql=replace(topology.postgresql, port=port),
        ),
    )


@contextmanager
def own_server(settings: Settings, *options: str, standby: bool = False) -> Iterator[Settings]:
    """Settings of a server with the product's roles and an empty database; it trusts everybody.

    As a standby it has replayed what it has, and waits for more. `options` are NAME=VALUE.
    """
    target = at_port(settings, free_port())
    # Not below pytest's folders: those are root's alone, and PostgreSQL does not run as root.
    with TemporaryDirectory(prefix="howdah-test-") as folder:
        data = Path(folder)
        _create(data)
        _start(data, target, options)
        try:
            provision_roles(target)
            if standby:
                _run("pg_ctl", "-D", str(data), "-w", "stop")
                (data / "standby.signal").touch()
                _start(data, target, options)
            yield target
        finally:
            _run("pg_ctl", "-D", str(data), "-m", "immediate", "stop")


def _create(data: Path) -> None:
    if running_as_root():
        chown(data, ACCOUNT)
    _run("initdb", "-D", str(data), "-A", "trust", "-U", SUPERUSER, "--no-sync", "-E", "UTF8")


def _start(data: Path, target: Settings, options: tuple[str, ...]) -> None:
    listening = f"-p {target.topology.postgresql.port} -k {data} -c listen_addresses=127.0.0.1"
    chosen = (
        "fsync=off",
        "shared_preload_libraries=pg_stat_statements",
        *options,
    )
    words = " ".join([listening, *(f"-c {option}" for option in chosen)])
    _run("pg_ctl", "-D", str(data), "-w", "-l", str(data / "log"), "-o", words, "start")


def _run(program: str, *arguments: str) -> None:
    subprocess.run(
        as_account(ACCOUNT, [str(PROGRAMS / program), *arguments]),
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        env={"LC_ALL": "C.UTF-8"},
    )
