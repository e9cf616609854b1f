"""The programs of a stack, as data: adding one is adding a row to PROGRAMS."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from howdah.foundation.errors import InvalidInput
from howdah.foundation.layout import Layout
from howdah.foundation.processes.accounts import (
    APPLICATION,
    POSTGRESQL,
    REDIS,
    as_account,
    command_line,
)
from howdah.foundation.rendering.supervisord import SupervisedProgram
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology
from howdah.operations.stack import probes

POSTGRESQL_BINARIES = Path("/usr/lib/postgresql/15/bin")
EVERY_SETTING = ("howdah.toml",)

Command = Callable[[Topology, Layout], list[str]]
Probe = Callable[[Settings, int], None]


@dataclass(frozen=True)
class Program:
    """One program of the stack.

    `tier`: those of a lower tier answer before a higher one starts. `files`: configuration
    whose change restarts it. `probe` raises NotReady until the program really serves.
    """

    name: str
    title: str
    tier: int
    account: str
    command: Command
    probe: Probe
    files: tuple[str, ...] = EVERY_SETTING
    stop_signal: str = "TERM"
    stop_wait_seconds: int = 10
    patience_seconds: float = 30
    has_port: bool = False

    def supervised(self, topology: Topology, layout: Layout) -> SupervisedProgram:
        """How supervisord runs it; it ends when supervisord dies."""
        command = as_account(
            self.account, self.command(topology, layout), death_signal=self.stop_signal
        )
        return SupervisedProgram(
            self.name, command_line(command), self.stop_signal, self.stop_wait_seconds
        )


def _postgresql(_: Topology, layout: Layout) -> list[str]:
    configuration = layout.configuration / "postgresql.conf"
    return [str(POSTGRESQL_BINARIES / "postgres"), f"--config-file={configuration}"]


def _pgbouncer(_: Topology, layout: Layout) -> list[str]:
    return ["/usr/sbin/pgbouncer", str(layout.configuration / "pgbouncer.ini")]


def _redis(_: Topology, layout: Layout) -> list[str]:
    return ["/usr/bin/redis-server", str(layout.configuration / "redis.conf")]


def _api(topology: Topology, _: Layout) -> list[str]:
    api = topology.api
    options = {
        "interface": "wsgi",
        "host": api.host,
        "port": topology.ports.api,
        "http": 1,
        "workers": api.workers,
        "blocking-threads": api.threads,
        "backlog": api.backlog,
    }
    flags = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    switches = ["--no-ws", "--no-access-log", "--respawn-failed-workers"]
    return ["granian", *flags, *switches, "howdah.entrypoints.web.wsgi:app"]


def _python(module: str) -> Command:
    return lambda _topology, _layout: ["python", "-m", module]


PROGRAMS = (
    Program(
        "postgresql",
        "PostgreSQL",
        1,
        POSTGRESQL,
        _postgresql,
        probes.postgresql_answers,
        files=("postgresql.conf", "pg_hba.conf"),
        stop_signal="INT",  # fast shutdown: does not wait for clients
        stop_wait_seconds=60,
        patience_seconds=60,
        has_port=True,
    ),
    Program(
        "redis",
        "Redis",
        1,
        REDIS,
        _redis,
        probes.redis_answers,
        files=("redis.conf",),
        has_port=True,
    ),
    Program(
        "pgbouncer",
        "PgBouncer",
        2,
        POSTGRESQL,
        _pgbouncer,
        probes.pgbouncer_answers,
        files=("pgbouncer.ini", "userlist.txt"),
        has_port=True,
    ),
    Program("api", "API", 3, APPLICATION, _api, probes.api_is_ready, has_port=True),
    Program(
        "worker",
        "Worker",
        3,
        APPLICATION,
        _python("howdah.entrypoints.jobs.worker"),
        probes.worker_is_registered,
        stop_wait_seconds=30,  # a job may finish what it has begun
    ),
    Program(
        "relay",
        "Relay",
        3,
        APPLICATION,
        _python("howdah.entrypoints.jobs.relay"),
        probes.runs,
    ),
    Program(
        "scheduler",
        "Scheduler",
        3,
        APPLICATION,
        _python("howdah.entrypoints.schedule"),
        probes.runs,
    ),
)
NAMES = tuple(program.name for program in PROGRAMS)


def programs_of(topology: Topology) -> tuple[Program, ...]:
    """Every program of the topology in its order of start; further workers are numbered."""
    rows: list[Program] = []
    for program in PROGRAMS:
        rows.append(program)
        if program.name == "worker":
            rows += [
                replace(program, name=f"worker-{number}", title=f"Worker {number}")
                for number in range(2, topology.worker.count + 1)
            ]
    return tuple(rows)


def chosen(topology: Topology, names: frozenset[str]) -> tuple[Program, ...]:
    """The programs of these names, all when there are none; `worker` means every worker.

    Raises InvalidInput for a name that is no program.
    """
    unknown = sorted(names - {program.name for program in programs_of(topology)})
    if unknown:
        raise InvalidInput(
            f"there is no service {unknown[0]!r}", hint=f"the services are {', '.join(NAMES)}"
        )
    return tuple(
        program
        for program in programs_of(topology)
        if not names or program.name in names or program.name.partition("-")[0] in names
    )
