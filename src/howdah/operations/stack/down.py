"""Take a stack down, whatever is left of it."""

import time
from dataclasses import replace

from howdah.foundation.processes.networks import remove_networks
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.processes.survivors import end_all, survivors
from howdah.foundation.settings import Settings, settings_in_force
from howdah.operations.stack.cluster_probes import leading_member
from howdah.operations.stack.files import clear_metrics, require_own_home
from howdah.operations.stack.lock import stack_lock
from howdah.operations.stack.programs import DATABASE_TIER, Program, programs_of
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


def leader_last(settings: Settings, programs: list[Program]) -> list[Program]:
    """The programs, so that replicas stop before the one they follow, and nobody takes over."""
    members = {member.name for member in settings.topology.members}
    leader = leading_member(settings) if members else None
    return [
        replace(item, tier=DATABASE_TIER if item.name == leader else DATABASE_TIER + 1)
        if item.name in members
        else item
        for item in programs
    ]


def stop_stack(settings: Settings) -> bool:
    """`take_down` for those who hold the lock."""
    layout = settings.layout
    supervisor = Supervisor(layout.supervisor_socket)
    answered = supervisor.answers()
    if answered:
        # Tier by tier and side by side: supervisord alone would take a second for each program.
        known = supervisor.states()
        in_force = settings_in_force(settings)
        programs = [item for item in programs_of(in_force.topology) if item.name in known]
        stop_all(supervisor, leader_last(in_force, programs))
        supervisor.shutdown()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while layout.supervisor_pid.exists() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    left = end_all(layout.home) if survivors(layout.home) else 0
    remove_leftovers(layout)
    remove_networks(settings_in_force(settings).topology)
    clear_metrics(layout)
    return answered or left > 0
