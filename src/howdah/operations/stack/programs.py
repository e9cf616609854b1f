"""The programs of a stack, as data: adding one is adding a row to PROGRAMS."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
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
from howdah.foundation.processes.networks import inside
from howdah.foundation.rendering.supervisord import SupervisedProgram
from howdah.foundation.settings import Settings
from howdah.foundation.topology import ROUTES, EtcdMember, Member, Topology
from howdah.operations.stack import cluster_probes, probes

POSTGRESQL_BINARIES = Path("/usr/lib/postgresql/15/bin")
EVERY_SETTING = ("howdah.toml",)
PATRONI = "howdah.operations.cluster.patroni_program"

Command = Callable[[Topology, Layout], list[str]]
Probe = Callable[[Settings, int], None]
DATABASE_TIER = 2
"""When it serves, roles and schema are brought up to date."""


@dataclass(frozen=True)
class Listener:
    """Where a program listens. `ours`: in a network of our own, where nobody else can be."""

    host: str
    port: int
    ours: bool = False


Listens = Callable[[Topology], tuple[Listener, ...]]


def nowhere(_: Topology) -> tuple[Listener, ...]:
    """For programs that listen to nobody."""
    return ()


def section_of(name: str) -> Listens:
    """Where the settings' section and the port of that name say."""
    return lambda topology: (Listener(getattr(topology, name).host, getattr(topology.ports, name)),)


@dataclass(frozen=True)
class Program:
    """One program of the stack.

    `tier`: those of a lower tier answer before a higher one starts. `files`: configuration
    whose change restarts it, or is taken up with SIGHUP when it `reloads`. `probe` raises NotReady
    until the program really serves. `groups`: those it is in instead of its account's.
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
    listens: Listens = nowhere
    reloads: bool = False
    network: str = ""
    groups: tuple[str, ...] = ()

    @property
    def group(self) -> str:
        """What several of its kind are called together: worker, postgres, replica, etcd."""
        return self.name.partition("-")[0]

    @property
    def has_port(self) -> bool:
        """Whether it listens at all."""
        return self.listens is not nowhere

    def supervised(self, topology: Topology, layout: Layout) -> SupervisedProgram:
        """How supervisord runs it; it ends when supervisord dies."""
        command = as_account(
            self.account,
            self.command(topology, layout),
            death_signal=self.stop_signal,
            groups=self.groups,
        )
        if self.network:
            command = inside(topology, self.network, command)
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
        2,
        POSTGRESQL,
        _postgresql,
        probes.postgresql_answers,
        files=("postgresql.conf", "pg_hba.conf"),
        stop_signal="INT",  # fast shutdown: does not wait for clients
        stop_wait_seconds=60,
        patience_seconds=60,
        listens=section_of("postgresql"),
    ),
    Program(
        "redis",
        "Redis",
        2,
        REDIS,
        _redis,
        probes.redis_answers,
        files=("redis.conf",),
        listens=section_of("redis"),
    ),
    Program(
        "pgbouncer",
        "PgBouncer",
        3,
        POSTGRESQL,
        _pgbouncer,
        probes.pgbouncer_answers,
        files=("pgbouncer.ini", "userlist.txt"),
        listens=section_of("pgbouncer"),
    ),
    Program(
        "api",
        "API",
        4,
        APPLICATION,
        _api,
        probes.api_is_ready,
        listens=section_of("api"),
    ),
    Program(
        "worker",
        "Worker",
        4,
        APPLICATION,
        _python("howdah.entrypoints.jobs.worker"),
        partial(probes.worker_is_registered, "default"),
        stop_wait_seconds=30,  # a job may finish what it has begun
    ),
    Program(
        "relay",
        "Relay",
        4,
        APPLICATION,
        _python("howdah.entrypoints.jobs.relay"),
        probes.runs,
    ),
    Program(
        "scheduler",
        "Scheduler",
        4,
        APPLICATION,
        _python("howdah.entrypoints.schedule"),
        probes.runs,
    ),
)
NAMES = tuple(program.name for program in PROGRAMS)


OPS_WORKER = Program(
    "ops-worker",
    "Ops worker",
    4,
    POSTGRESQL,
    # The application's counters are not its: they belong to another account.
    lambda _topology, _layout: [
        *("env", "-u", "PROMETHEUS_MULTIPROC_DIR"),
        *("python", "-m", "howdah.entrypoints.jobs.ops_worker"),
    ],
    partial(probes.worker_is_registered, "ops"),
    stop_wait_seconds=30,  # what it runs is told to end, and tidies up
    groups=(APPLICATION,),  # the queue's password is the application's
)
"""Takes the backups; there while there are any."""


def programs_of(topology: Topology) -> tuple[Program, ...]:
    """Every program of the topology in its order of start; further workers are numbered."""
    rows: list[Program] = []
    for program in PROGRAMS:
        if topology.clustered and program.name == "postgresql":
            rows += cluster_programs(topology)
            continue
        rows.append(program)
        if program.name == "worker":
            rows += [
                replace(program, name=f"worker-{number}", title=f"Worker {number}")
                for number in range(2, topology.worker.count + 1)
            ]
    if topology.backup.enabled:
        rows.append(OPS_WORKER)
    return tuple(rows)


def cluster_programs(topology: Topology) -> list[Program]:
    """etcd, the members of PostgreSQL, and HAProxy in front of them."""
    return [
        *(_etcd(member) for member in topology.etcd_members),
        *(_member(member) for member in topology.members),
        Program(
            "haproxy",
            "HAProxy",
            DATABASE_TIER,
            POSTGRESQL,
            lambda _, layout: [
                "/usr/sbin/haproxy",
                "-db",
                "-f",
                _configured(layout, "haproxy.cfg"),
            ],
            cluster_probes.haproxy_leads_to_the_primary,
            files=("haproxy.cfg",),
            listens=_haproxy_listeners,
            patience_seconds=90,
        ),
    ]


def _configured(layout: Layout, name: str) -> str:
    return str(layout.configuration / name)


def _haproxy_listeners(topology: Topology) -> tuple[Listener, ...]:
    ports = topology.ports
    numbers = (ports.postgresql, *(getattr(ports, route) for route in ROUTES), ports.haproxy)
    return tuple(Listener(topology.haproxy.host, number) for number in numbers)


def _etcd(member: EtcdMember) -> Program:
    file = f"{member.name}.yml"
    return Program(
        member.name,
        member.name,
        1,
        POSTGRESQL,
        lambda _, layout: ["/usr/bin/etcd", "--config-file", _configured(layout, file)],
        partial(cluster_probes.etcd_answers, member),
        files=(file,),
        listens=lambda topology: (
            Listener(member.host, member.client_port, topology.cluster.zone_networks),
            Listener(member.host, member.peer_port, topology.cluster.zone_networks),
        ),
    )


def _member(member: Member) -> Program:
    file = f"patroni-{member.name}.yml"

    def command(topology: Topology, layout: Layout) -> list[str]:
        return ["python", "-m", PATRONI, _configured(layout, file)]

    return Program(
        member.name,
        member.name,
        # The first one makes the database; the others are copied from it.
        DATABASE_TIER if member.role == "primary" else DATABASE_TIER + 1,
        POSTGRESQL,
        command,
        partial(cluster_probes.member_serves, member),
        files=(file,),
        listens=lambda topology: (
            Listener(member.host, member.port, topology.cluster.zone_networks),
            Listener(member.host, member.rest_port, topology.cluster.zone_networks),
        ),
        network=member.zone,
        reloads=True,
        stop_wait_seconds=90,
        patience_seconds=180,
    )


def chosen(topology: Topology, names: frozenset[str]) -> tuple[Program, ...]:
    """The programs of these names, all when there are none; `worker` means every worker.

    Raises InvalidInput for a name that is no program.
    """
    programs = programs_of(topology)
    known = {program.name for program in programs} | {program.group for program in programs}
    unknown = sorted(names - known)
    if unknown:
        raise InvalidInput(
            f"there is no service {unknown[0]!r}",
            hint=f"the services are {', '.join(item.name for item in programs_of(topology))}",
        )
    return tuple(
        program
        for program in programs
        if not names or program.name in names or program.group in names
    )
