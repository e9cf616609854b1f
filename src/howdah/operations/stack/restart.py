"""Restart programs of a running stack, so that they take up changed code."""

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.stack.files import require_own_home
from howdah.operations.stack.lock import stack_lock
from howdah.operations.stack.programs import chosen
from howdah.operations.stack.progress import Progress
from howdah.operations.stack.start import Starter, stop_all


def restart(settings: Settings, services: frozenset[str], progress: Progress) -> None:
    """Stop the services (all when none are named), start them again, wait until they serve.

    Raises CommandFailed when the stack does not run, ProgramFailed.
    """
    require_own_home(settings.layout)
    supervisor = Supervisor(settings.layout.supervisor_socket)
    states = supervisor.states()
    if not states:
        raise CommandFailed("the stack does not run", hint="start it with `howdah up`")
    programs = [item for item in chosen(settings.topology, services) if item.name in states]
    with stack_lock(settings.layout):
        stop_all(supervisor, programs)
        Starter(settings, supervisor, progress).start(programs)
