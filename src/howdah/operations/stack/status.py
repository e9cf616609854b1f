"""What each program of a stack is doing, and whether it really serves."""

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from howdah.foundation.errors import HowdahError
from howdah.foundation.processes.supervisor import ProcessState, Supervisor
from howdah.foundation.settings import Settings, settings_in_force
from howdah.operations.stack.files import require_own_home
from howdah.operations.stack.programs import Program, programs_of

STOPPED = ProcessState("", "stopped", 0, 0, "")


@dataclass(frozen=True)
class ServiceStatus:
    """One line of `howdah status`; `detail` says why it is not healthy."""

    service: str
    state: str
    pid: int | None
    port: int | None
    uptime_seconds: int | None
    healthy: bool
    detail: str


def stack_status(given: Settings) -> list[ServiceStatus]:
    """Every program the running stack has; every program there could be when none runs."""
    require_own_home(given.layout)
    settings = settings_in_force(given)
    states = Supervisor(settings.layout.supervisor_socket).states()
    programs = [
        item for item in programs_of(settings.topology) if not states or item.name in states
    ]
    with ThreadPoolExecutor(len(programs)) as pool:
        return list(
            pool.map(lambda item: _status(settings, item, states.get(item.name, STOPPED)), programs)
        )


def _status(settings: Settings, program: Program, state: ProcessState) -> ServiceStatus:
    problem = _problem(settings, program, state)
    return ServiceStatus(
        service=program.name,
        state=state.state,
        pid=state.pid or None,
        port=next((item.port for item in program.listens(settings.topology)), None),
        uptime_seconds=int(time.time() - state.started_at) if state.running else None,
        healthy=not problem,
        detail=problem,
    )


def _problem(settings: Settings, program: Program, state: ProcessState) -> str:
    if not state.running:
        return state.failure or f"it is {state.state}"
    try:
        program.probe(settings, state.pid)
    except HowdahError as failure:
        return failure.message
    return ""
