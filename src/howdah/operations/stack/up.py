"""Bring a stack up: from nothing, from a half-dead one, or from one that runs already."""

import sys
from dataclasses import dataclass
from pathlib import Path

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.ports import port_holder
from howdah.foundation.processes.supervisor import Supervisor, start_supervisord
from howdah.foundation.processes.survivors import MARKER, end_all
from howdah.foundation.secrets import secret_file
from howdah.foundation.settings import CHECKOUT, Settings, settings_in_force
from howdah.operations.migrations import migrate_up
from howdah.operations.roles.provision import provision_roles
from howdah.operations.stack import files
from howdah.operations.stack.down import stop_stack
from howdah.operations.stack.lock import stack_lock
from howdah.operations.stack.programs import Program, chosen, programs_of
from howdah.operations.stack.progress import Progress
from howdah.operations.stack.start import Starter, remove_leftovers, running, stop_all

SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class PortTaken(CommandFailed):
    """Another program holds a port that the stack needs."""


@dataclass(frozen=True)
class Outcome:
    """What `up` did; `first` when this home was made by it."""

    first: bool
    started: tuple[str, ...]
    migrations: tuple[str, ...]


def bring_up(settings: Settings, services: frozenset[str], progress: Progress) -> Outcome:
    """Start the services (all when none are named), with database, roles and schema.

    Running it again changes nothing. Raises ProgramFailed, PortTaken, CommandFailed; what this
    call started is then stopped again.
    """
    files.require_own_home(settings.layout)
    wanted = chosen(settings.topology, services)
    files.make_folders(settings.layout)
    with stack_lock(settings.layout):
        return _bring_up(settings, wanted, progress)


def _bring_up(settings: Settings, wanted: tuple[Program, ...], progress: Progress) -> Outcome:
    supervisor = Supervisor(settings.layout.supervisor_socket)
    already = supervisor.answers()
    if not already:
        end_all(settings.home)
        remove_leftovers(settings.layout)
        files.clear_metrics(settings.layout)
    up_now = running(supervisor)
    moved = _moved(settings, [item for item in wanted if item.name in up_now])
    idle = [item for item in wanted if item.name not in up_now]
    _require_free_ports(settings, idle + moved, ours={state.pid for state in up_now.values()})
    made = files.make_secrets(settings)
    kept = [
        item for item in programs_of(settings.topology) if item in wanted or item.name in up_now
    ]
    changed = files.write_configuration(settings, kept)
    first = _make_database_cluster(settings, wanted, progress)
    _supervise(settings, supervisor, already=already, changed=changed)
    starter = Starter(settings, supervisor, progress)
    try:
        _stop_changed(supervisor, kept, changed)
        migrations = _start(settings, kept, starter, progress)
    except BaseException:  # also when whoever reads our progress has gone
        _undo(settings, supervisor, starter, already=already)
        raise
    started = tuple(program.name for program in starter.started)
    return Outcome(first=first or "first_admin" in made, started=started, migrations=migrations)


def _require_free_ports(settings: Settings, programs: list[Program], ours: set[int]) -> None:
    """Look at every port before anything starts. Raises PortTaken that names all of them.

    A port that a process of ours holds is free by the time it is needed.
    """
    topology = settings.topology
    problems = []
    for program in programs:
        if not program.has_port:
            continue
        host = getattr(topology, program.name).host
        port = getattr(topology.ports, program.name)
        holder = port_holder(host, port)
        if holder and holder.pid not in ours:
            problems.append(f"port {port} for {program.title} is taken by {holder}")
    if problems:
        raise PortTaken(
            "; ".join(problems),
            hint="stop that program, or set ports.base in howdah.toml "
            "(HOWDAH_PORTS__BASE) to move all ports of this stack",
        )


def _moved(settings: Settings, programs: list[Program]) -> list[Program]:
    """Those that run now, and listen elsewhere than the settings want."""
    ports, ports_in_force = settings.topology.ports, settings_in_force(settings).topology.ports
    return [
        item
        for item in programs
        if item.has_port and getattr(ports, item.name) != getattr(ports_in_force, item.name)
    ]


def _make_database_cluster(
    settings: Settings, wanted: tuple[Program, ...], progress: Progress
) -> bool:
    fresh = not (settings.layout.postgresql_data / "PG_VERSION").exists()
    if not fresh or "postgresql" not in {program.name for program in wanted}:
        return False
    if secret_file(settings.home, "admin_token").exists():  # stands in a database that was here
        raise CommandFailed(
            f"the database files of this home are gone: {settings.layout.postgresql_data}",
            hint="put them back (is a disk not mounted?), or begin anew with `howdah reset`",
        )
    progress.begin("Database files")
    files.make_database_cluster(settings)
    progress.finish(f"made in {settings.layout.postgresql_data}")
    return True


def _supervise(
    settings: Settings, supervisor: Supervisor, *, already: bool, changed: frozenset[str]
) -> None:
    """A supervisor that knows the programs as they are written down now."""
    if not already:
        supervisord = Path(sys.executable).with_name("supervisord")
        start_supervisord(settings.layout, supervisord, program_environment(settings))
    elif "supervisord.conf" in changed:
        supervisor.reload()


def program_environment(settings: Settings) -> dict[str, str]:
    """What every program finds in its environment: nothing of the caller's."""
    return {
        "PATH": f"{Path(sys.executable).parent}:{SYSTEM_PATH}",
        "HOME": str(settings.home),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": str(CHECKOUT / "src"),
        "PYTHONSAFEPATH": "1",
        "PYTHONUNBUFFERED": "1",
        "HOWDAH_HOME": str(settings.home),
        "HOWDAH_CONFIG": str(settings.layout.effective_settings),
        "PROMETHEUS_MULTIPROC_DIR": str(settings.layout.metrics),
        MARKER: str(settings.home),
    }


def _stop_changed(supervisor: Supervisor, programs: list[Program], changed: frozenset[str]) -> None:
    """Stop those whose configuration is different now; they start again with the others."""
    up_now = running(supervisor)
    stop_all(
        supervisor,
        [item for item in programs if item.name in up_now and changed.intersection(item.files)],
    )


def _start(
    settings: Settings, programs: list[Program], starter: Starter, progress: Progress
) -> tuple[str, ...]:
    """The servers of the first tier, then roles and schema, then what needs them."""
    starter.start(program for program in programs if program.tier == 1)
    migrations: tuple[str, ...] = ()
    if any(program.name == "postgresql" for program in programs):
        migrations = _prepare_database(settings, progress)
    starter.start(program for program in programs if program.tier > 1)
    return migrations


def _prepare_database(settings: Settings, progress: Progress) -> tuple[str, ...]:
    progress.begin("Roles and schema")
    provision_roles(settings)
    applied = migrate_up(settings)
    progress.finish(f"{len(applied)} migrations applied" if applied else "up to date")
    return tuple(applied)


def _undo(settings: Settings, supervisor: Supervisor, starter: Starter, *, already: bool) -> None:
    if already:
        stop_all(supervisor, starter.started)
    else:
        stop_stack(settings)
