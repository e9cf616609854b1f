"""Start programs and wait until they serve."""

import time
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

from howdah.foundation.errors import CommandFailed
from howdah.foundation.layout import Layout
from howdah.foundation.processes.supervisor import ProcessState, Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.stack.logs import new_lines
from howdah.operations.stack.probes import NotReady
from howdah.operations.stack.programs import Program
from howdah.operations.stack.progress import Progress

POLL_SECONDS = 0.05
ENDED = frozenset({"backoff", "exited", "fatal", "unknown"})
RECOVERIES = 2
"""Deaths of a program that ran before: supervisord may just be starting it again."""


class ProgramFailed(CommandFailed):
    """A program of the stack could not start."""


class Deaths:
    """Counts how often a program ended while somebody waits for it."""

    def __init__(self, tolerated: int):
        self._tolerated = tolerated
        self._pids: set[int] = set()

    def too_many(self, state: ProcessState) -> bool:
        """Whether it ended more often than it may."""
        if state.running:
            self._pids.add(state.pid)
        dead = len(self._pids - {state.pid})
        if not self._pids and state.state in ENDED:  # gone before anybody looked
            dead = 1
        return dead > self._tolerated


class Starter:
    """Starts programs under one supervisor; `started` are those that did not run before."""

    def __init__(self, settings: Settings, supervisor: Supervisor, progress: Progress):
        self.started: list[Program] = []
        self._settings = settings
        self._supervisor = supervisor
        self._progress = progress
        self._log_sizes: dict[str, int] = {}

    def start(self, programs: Iterable[Program]) -> None:
        """Start each tier together and wait for all of it before the next.

        Raises ProgramFailed with the last log lines of the one that failed.
        """
        for _, tier in groupby(programs, key=lambda program: program.tier):
            together = list(tier)
            for program in together:
                self._launch(program)
            for program in together:
                self._await(program)

    def launch(self, programs: Iterable[Program]) -> None:
        """Start them and do not wait; a later `start` does."""
        for program in programs:
            self._launch(program)

    def _launch(self, program: Program) -> None:
        size = _size(self._settings.layout.log_of(program.name))
        self._log_sizes.setdefault(program.name, size)
        if self._supervisor.start(program.name):
            self.started.append(program)

    def _await(self, program: Program) -> None:
        self._progress.begin(program.title)
        begun = time.monotonic()
        deaths = Deaths(tolerated=0 if program in self.started else RECOVERIES)
        while True:
            state = self._supervisor.states()[program.name]
            if deaths.too_many(state):
                raise self._failure(program, f"{program.title} could not start: it ended at once")
            try:
                self._probe(program, state)
                break
            except NotReady as reason:
                waited = time.monotonic() - begun
                if waited > program.patience_seconds:
                    why = f"{program.title} does not serve after {waited:.0f} s ({reason})"
                    raise self._failure(program, why) from reason
            time.sleep(POLL_SECONDS)
        already = "" if program in self.started else "already "
        self._progress.finish(f"{already}running{_address(self._settings, program)}")

    def _probe(self, program: Program, state: ProcessState) -> None:
        """Raises NotReady; a program that never listens has to live through its first second."""
        if not program.has_port and state.state != "running":
            raise NotReady("it is starting")
        program.probe(self._settings, state.pid)

    def _failure(self, program: Program, why: str) -> ProgramFailed:
        layout = self._settings.layout
        lines = new_lines(layout.log_of(program.name), self._log_sizes[program.name])
        tail = "".join(f"\n  {line}" for line in lines) or "\n  (it logged nothing)"
        return ProgramFailed(
            f"{why}; its last log lines:{tail}",
            hint=f"the whole log: {layout.log_of(program.name)}",
            program=program.name,
        )


def _address(settings: Settings, program: Program) -> str:
    for listener in program.listens(settings.topology):
        return f" on {listener.host}:{listener.port}"
    return ""


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def stop_all(supervisor: Supervisor, programs: Iterable[Program]) -> None:
    """Stop these programs, those of a higher tier before those they need.

    Returns when they are gone: supervisord kills what does not end in its time.
    """
    downwards = sorted(programs, key=lambda program: -program.tier)
    for _, tier in groupby(downwards, key=lambda program: program.tier):
        names = {program.name for program in tier}
        for name in names:
            supervisor.stop(name)
        while names.intersection(running(supervisor)):
            time.sleep(POLL_SECONDS)


def running(supervisor: Supervisor) -> dict[str, ProcessState]:
    """The programs that have a process now."""
    return {name: state for name, state in supervisor.states().items() if state.running}


def remove_leftovers(layout: Layout) -> None:
    """Files of a supervisor that is gone."""
    for path in (layout.supervisor_socket, layout.supervisor_pid):
        path.unlink(missing_ok=True)
