"""What a drill does to a stack: kill, freeze, keep down; and to which processes.

Only processes of the stack itself are touched: Patroni is the one that this home's supervisord
runs, PostgreSQL the one whose data directory lies in this home.
"""

import signal
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.postmaster import alive, postmaster_of
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings

GONE_WITHIN_SECONDS = 10.0
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class MemberProcesses:
    """Patroni and what it started, and the postmaster with its children; either may be missing."""

    patroni: tuple[psutil.Process, ...]
    postgres: tuple[psutil.Process, ...]

    @property
    def all(self) -> tuple[psutil.Process, ...]:
        """Patroni first, so that it does not start again what is taken from it."""
        return (*self.patroni, *self.postgres)


def processes_of(settings: Settings, member: str) -> MemberProcesses:
    """What runs for that member now; a single server's name is that of its program."""
    patroni = _supervised(settings, member)
    postmaster = postmaster_of(data_of(settings, member))
    postgres = _family(postmaster)
    return MemberProcesses(
        tuple(process for process in _family(patroni) if process not in postgres), postgres
    )


def data_of(settings: Settings, server: str) -> Path:
    """The data directory of a member, or of the single server."""
    layout = settings.layout
    return layout.member_data(server) if settings.topology.clustered else layout.postgresql_data


def kill_members(settings: Settings, members: Iterable[str], *, fence: bool = False) -> None:
    """kill -9 of everything of these members at once.

    With `fence` supervisord leaves them down until they are started again. Raises CommandFailed
    when something of them survives.
    """
    names = list(members)
    found = [processes_of(settings, name) for name in names]
    for processes in found:
        # Stopped first: a postmaster that still runs would start what is killed below it.
        _signal(processes.all, signal.SIGSTOP)
    if fence:
        # Before they die: what supervisord has asked to stop, it does not start again. Being
        # stopped they do not hear that, and so have no chance to leave in good order.
        keep_down(settings, names)
    for processes in found:
        _signal(processes.all, signal.SIGKILL)
    for name, processes in zip(names, found, strict=True):
        _require_gone(name, processes.all)


def freeze(settings: Settings, member: str) -> None:
    """SIGSTOP of Patroni and PostgreSQL: they hold everything and do nothing."""
    _signal(processes_of(settings, member).all, signal.SIGSTOP)


def thaw(settings: Settings, member: str) -> None:
    """SIGCONT of what was frozen; harmless to what was not."""
    _signal(processes_of(settings, member).all, signal.SIGCONT)


def kill_program(settings: Settings, program: str) -> None:
    """kill -9 of a program that supervisord runs. Raises CommandFailed when it does not run."""
    process = _supervised(settings, program)
    if process is None:
        raise CommandFailed(f"{program} does not run", hint="`howdah up` starts what is missing")
    processes = _family(process)
    _signal(processes, signal.SIGKILL)
    _require_gone(program, processes)


def keep_down(settings: Settings, programs: Sequence[str]) -> None:
    """Have supervisord ask these programs to end, and not start them again by itself."""
    supervisor = Supervisor(settings.layout.supervisor_socket)
    for program in programs:
        supervisor.stop(program)


def start(settings: Settings, program: str) -> None:
    """Have supervisord run it again."""
    Supervisor(settings.layout.supervisor_socket).start(program)


def _supervised(settings: Settings, program: str) -> psutil.Process | None:
    state = Supervisor(settings.layout.supervisor_socket).states().get(program)
    if state is None or not state.running:
        return None
    try:
        process = psutil.Process(state.pid)
    except psutil.NoSuchProcess:
        return None
    return process if alive(process) else None


def _family(process: psutil.Process | None) -> tuple[psutil.Process, ...]:
    if process is None:
        return ()
    try:
        return (process, *process.children(recursive=True))
    except psutil.NoSuchProcess:
        return ()


def _signal(processes: Iterable[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        try:
            process.send_signal(number)
        except psutil.NoSuchProcess:
            continue


def _require_gone(name: str, processes: Iterable[psutil.Process]) -> None:
    deadline = time.monotonic() + GONE_WITHIN_SECONDS
    left = [process for process in processes if alive(process)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        left = [process for process in left if alive(process)]
    if left:
        pids = ", ".join(str(process.pid) for process in left)
        raise CommandFailed(f"{name} survived being killed (PID {pids})")
