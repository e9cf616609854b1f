"""Bring a stack up: from nothing, from a half-dead one, or from one that runs already."""

import sys
from dataclasses import dataclass
from pathlib import Path

from howdah.foundation.certificates import ensure_certificates
from howdah.foundation.errors import CommandFailed, HowdahError
from howdah.foundation.processes.networks import make_networks
from howdah.foundation.processes.ports import port_holder
from howdah.foundation.processes.supervisor import Supervisor, start_supervisord
from howdah.foundation.processes.survivors import MARKER, end_all, survivors
from howdah.foundation.rendering.pgbackrest import repository_place
from howdah.foundation.secrets import secret_file
from howdah.foundation.settings import CHECKOUT, Settings, settings_in_force
from howdah.operations.backups.stanza import forget_spool, make_stanza
from howdah.operations.migrations import migrate_up
from howdah.operations.roles.provision import provision_roles
from howdah.operations.stack import files
from howdah.operations.stack.certificates import tell_to_read_again
from howdah.operations.stack.cluster_settings import apply_dynamic_configuration
from howdah.operations.stack.down import stop_stack
from howdah.operations.stack.lock import stack_lock
from howdah.operations.stack.programs import DATABASE_TIER, Program, chosen, programs_of
from howdah.operations.stack.progress import Progress
from howdah.operations.stack.start import Starter, remove_leftovers, running, stop_all

WITHOUT = "`howdah up --keep-schema` starts the stack without running migrations."
SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class PortTaken(CommandFailed):
    """Another program holds a port that the stack needs."""


@dataclass(frozen=True)
class Outcome:
    """What `up` did; `first` when this home was made by it."""

    first: bool
    started: tuple[str, ...]
    migrations: tuple[str, ...]


def bring_up(
    settings: Settings, services: frozenset[str], progress: Progress, *, migrate: bool = True
) -> Outcome:
    """Start the services (all when none are named), with database, roles and schema.

    Running it again changes nothing. Without `migrate` no migration runs. Raises ProgramFailed,
    PortTaken, CommandFailed; what this call started is then stopped again.
    """
    files.require_own_home(settings.layout)
    files.require_same_profile(settings)
    wanted = chosen(settings.topology, services)
    files.make_folders(settings)
    with stack_lock(settings.layout):
        return _bring_up(settings, wanted, progress, migrate=migrate)


def _bring_up(
    settings: Settings, wanted: tuple[Program, ...], progress: Progress, *, migrate: bool
) -> Outcome:
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
    renewed = ensure_certificates(settings)
    if settings.topology.clustered:
        make_networks(settings.topology)
    names = {item.name for item in wanted} | set(up_now)
    kept = [item for item in programs_of(settings.topology) if item.name in names]
    changed = files.write_configuration(settings, kept)
    first = _make_database_cluster(settings, wanted, progress)
    _supervise(settings, supervisor, already=already, changed=changed)
    starter = Starter(settings, supervisor, progress)
    try:
        _take_up(supervisor, kept, changed)
        migrations = _start(settings, kept, starter, progress, migrate=migrate)
    except BaseException:  # also when whoever reads our progress has gone
        _undo(settings, supervisor, starter, already=already)
        raise
    finally:  # at the end: Patroni is not to be spoken to for a moment then
        for name in up_now.keys() & set(renewed):
            tell_to_read_again(supervisor, name)
    started = tuple(program.name for program in starter.started)
    return Outcome(first=first or "first_admin" in made, started=started, migrations=migrations)


def _require_free_ports(settings: Settings, programs: list[Program], ours: set[int]) -> None:
    """Look at every port before anything starts. Raises PortTaken that names all of them.

    A port that a process of ours holds is free by the time it is needed; PostgreSQL that outlived
    its Patroni is taken over by the next one.
    """
    topology = settings.topology
    problems = []
    for program in programs:
        for listener in program.listens(topology):
            holder = None if listener.ours else port_holder(listener.host, listener.port)
            if holder and holder.pid not in ours and not _is_ours(settings, holder.pid):
                problems.append(f"port {listener.port} for {program.title} is taken by {holder}")
    if problems:
        raise PortTaken(
            "; ".join(problems),
            hint="stop that program, or set ports.base in howdah.toml "
            "(HOWDAH_PORTS__BASE) to move all ports of this stack",
        )


def _is_ours(settings: Settings, pid: int | None) -> bool:
    """Whether it is a process of this home that supervisord does not know."""
    return pid in {process.pid for process in survivors(settings.home)}


def _moved(settings: Settings, programs: list[Program]) -> list[Program]:
    """Those that run now, and listen elsewhere than the settings want."""
    in_force = settings_in_force(settings).topology
    then = {item.name: item.listens(in_force) for item in programs_of(in_force)}
    return [item for item in programs if item.listens(settings.topology) != then.get(item.name, ())]


def _make_database_cluster(
    settings: Settings, wanted: tuple[Program, ...], progress: Progress
) -> bool:
    databases = {"postgresql", *(member.name for member in settings.topology.members)}
    if not _fresh(settings) or not databases.intersection(item.name for item in wanted):
        return False
    if secret_file(settings.home, "admin_token").exists():  # stands in a database that was here
        raise CommandFailed(
            f"the database files of this home are gone: {settings.layout.data}",
            hint="put them back (is a disk not mounted?), or begin anew with `howdah reset`",
        )
    forget_spool(settings)
    if settings.topology.clustered:
        return True  # Patroni makes them
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


def _fresh(settings: Settings) -> bool:
    """Whether there are no database files yet."""
    layout = settings.layout
    folders = [layout.member_data(member.name) for member in settings.topology.members]
    return not any(
        (folder / "PG_VERSION").exists() for folder in folders or [layout.postgresql_data]
    )


def _take_up(supervisor: Supervisor, programs: list[Program], changed: frozenset[str]) -> None:
    """Stop those whose configuration is different now; they start again with the others.

    Those that can, take it up as they run.
    """
    up_now = running(supervisor)
    different = [
        item for item in programs if item.name in up_now and changed.intersection(item.files)
    ]
    for item in different:
        if item.reloads:
            supervisor.signal(item.name, "HUP")
    stop_all(supervisor, [item for item in different if not item.reloads])


def _start(
    settings: Settings,
    programs: list[Program],
    starter: Starter,
    progress: Progress,
    *,
    migrate: bool,
) -> tuple[str, ...]:
    """The database servers, then roles and schema, then what needs them.

    Of a cluster's members only one is waited for at first: the others find their place meanwhile.
    In a new cluster that one makes the database, and the others are copied from it.
    """
    members = settings.topology.members
    maker = {item.name for item in members if item.role == "primary"} if _fresh(settings) else set()
    followers = [item for item in programs if item.name in {one.name for one in members} - maker]
    servers = [item for item in programs if item.tier <= DATABASE_TIER and item not in followers]
    starter.start(item for item in servers if item.tier < DATABASE_TIER)
    if not maker:  # whoever leads is found through HAProxy; it need not be the first
        starter.launch(followers)
    starter.start(item for item in servers if item.tier == DATABASE_TIER)
    starter.launch(followers)
    migrations: tuple[str, ...] = ()
    if any(program.name in ("postgresql", "haproxy") for program in programs):
        migrations = _prepare_database(settings, progress, migrate=migrate)
    starter.start(item for item in programs if item not in [*servers, *followers])
    starter.start(sorted(followers, key=lambda item: item.tier))
    return migrations


def _prepare_database(settings: Settings, progress: Progress, *, migrate: bool) -> tuple[str, ...]:
    progress.begin("Roles and schema")
    if settings.topology.clustered:
        apply_dynamic_configuration(settings)
    provision_roles(settings)
    applied = _migrated(settings) if migrate else []
    done = "up to date" if migrate else "roles only"
    progress.finish(f"{len(applied)} migrations applied" if applied else done)
    if settings.topology.backup.enabled:
        progress.begin("Archive")
        make_stanza(settings)
        progress.finish(f"in {repository_place(settings.topology, settings.layout)}")
    return tuple(applied)


def _migrated(settings: Settings) -> list[str]:
    """The names that ran; what speaks against it also says how to start without."""
    try:
        return migrate_up(settings, may_be_ahead=True)
    except HowdahError as failure:
        failure.hint = f"{failure.hint or ''} {WITHOUT}".strip()
        raise


def _undo(settings: Settings, supervisor: Supervisor, starter: Starter, *, already: bool) -> None:
    if already:
        stop_all(supervisor, starter.started)
    else:
        stop_stack(settings)
