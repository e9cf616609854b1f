"""Take a stack down, whatever is left of it."""

import time

from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.processes.survivors import end_all, survivors
from howdah.foundation.settings import Settings, settings_in_force
from howdah.operations.stack.files import clear_metrics, require_own_home
from howdah.operations.stack.lock import stack_lock
from howdah.operations.stack.programs import programs_of
from howdah.operations.stack.start import remove_leftovers, stop_all

PATIENCE_SECONDS = 120
POLL_SECONDS = 0.05


def take_down(settings: Settings) -> bool:
    """Stop every program of this home; whether there was anything to stop.

    Works without a supervisor too: what a killed one left behind is found and ended.
    """
    require_own_home(settings.layout)
    if not settings.layout.run.is_dir():
        return False
    with stack_lock(settings.layout):
        return stop_stack(settings)


def stop_stack(settings: Settings) -> bool:
    """`take_down` for those who hold the lock."""
    layout = settings.layout
    supervisor = Supervisor(layout.supervisor_socket)
    answered = supervisor.answers()
    if answered:
        # Tier by tier and side by side: supervisord alone would take a second for each program.
        known = supervisor.states()
        in_force = programs_of(settings_in_force(settings).topology)
        stop_all(supervisor, [program for program in in_force if program.name in known])
        supervisor.shutdown()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while layout.supervisor_pid.exists() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    left = end_all(layout.home) if survivors(layout.home) else 0
    remove_leftovers(layout)
    clear_metrics(layout)
    return answered or left > 0
