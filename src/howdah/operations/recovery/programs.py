"""Stop and start the programs that a restore is about; the rest of the stack goes on."""

from collections.abc import Iterable

from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.recovery.places import Place
from howdah.operations.recovery.standalone import Standalone
from howdah.operations.stack.down import leader_last, take_down
from howdah.operations.stack.programs import Program, programs_of
from howdah.operations.stack.progress import Progress
from howdah.operations.stack.start import Starter, running, stop_all
from howdah.operations.stack.up import bring_up

KEPT = frozenset({"api", "pgbouncer", "redis", "haproxy", "etcd"})
"""They live through it: the API answers 503 meanwhile, and goes on by itself. Background work does
not: a job that is half done counts on what it has written."""


def running_programs(settings: Settings) -> list[str]:
    """Names of those that run now; empty when the stack does not."""
    return sorted(running(Supervisor(settings.layout.supervisor_socket)))


def stop_writers(settings: Settings, places: Iterable[Place]) -> None:
    """Stop PostgreSQL everywhere, and background work. Raises CommandFailed.

    A primary that ends in good order archives its last WAL first.
    """
    supervisor = Supervisor(settings.layout.supervisor_socket)
    if not supervisor.answers():
        take_down(settings)  # what a killed supervisor left behind
    else:
        up_now = running(supervisor)
        ending = [item for item in _rest(settings) if item.name in up_now]
        stop_all(supervisor, leader_last(settings, ending))
    for place in places:
        server = Standalone(place, place.live)
        # One of ours that takes over from an attempt that was killed is not disturbed.
        if not server.left_running():
            server.stop("fast")


def _rest(settings: Settings) -> list[Program]:
    return [
        item
        for item in programs_of(settings.topology)
        if item.name not in KEPT and item.group not in KEPT
    ]


def start_only(settings: Settings, names: Iterable[str], progress: Progress) -> None:
    """Start these and wait until they serve, whether or not anything else runs.

    Raises ProgramFailed, PortTaken, CommandFailed.
    """
    wanted = frozenset(names)
    supervisor = Supervisor(settings.layout.supervisor_socket)
    known = supervisor.states() if supervisor.answers() else {}
    programs = [
        item
        for item in programs_of(settings.topology)
        if item.name in wanted or item.group in wanted
    ]
    if all(item.name in known for item in programs):
        Starter(settings, supervisor, progress).start(programs)
    else:
        bring_up(settings, wanted, progress)


def start_everything(settings: Settings, names: Iterable[str], progress: Progress) -> None:
    """Start what ran before, everything when nothing did; with roles, schema and the archive."""
    bring_up(settings, frozenset(names), progress)
