"""kill -9 of pgBackRest while it copies files for a backup or a restore."""

import os
import signal
import threading
import time
from collections.abc import Callable

import psutil

from howdah.foundation.errors import CommandFailed, HowdahError

LOOK_SECONDS = 0.005
ATTEMPTS = 3
BEGINS_WITHIN_SECONDS = 60.0


class _Work:
    """What is interrupted, in a thread of its own."""

    def __init__(self, work: Callable[[], object]):
        self.failure: HowdahError | None = None
        self._work = work
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        try:
            self._work()
        except HowdahError as failure:
            self.failure = failure


def kill_in_the_middle(work: Callable[[], object], worker: str) -> HowdahError:
    """Do the work, and kill -9 its pgBackRest once the worker processes copy; how it failed.

    `worker`: what these are called, `backup:local`. Small databases are copied in a moment, so it
    is tried again when it was faster. Raises CommandFailed when it always was.
    """
    for _ in range(ATTEMPTS):
        doing = _Work(work)
        killed = _kill_when_it_copies(doing.thread, worker)
        doing.thread.join()
        if killed and doing.failure is not None:
            return doing.failure
        if doing.failure is not None:
            raise doing.failure
    raise CommandFailed(f"{worker} was always faster than who should have killed it")


def _kill_when_it_copies(thread: threading.Thread, worker: str) -> bool:
    deadline = time.monotonic() + BEGINS_WITHIN_SECONDS
    while thread.is_alive() and time.monotonic() < deadline:
        ours = _our_pgbackrest()
        if any(worker in words for _, words in ours):
            for process, _ in ours:
                _kill(process)
            return True
        time.sleep(LOOK_SECONDS)
    return False


def _our_pgbackrest() -> list[tuple[psutil.Process, list[str]]]:
    """pgBackRest's processes that this one started, the main one first; and their words."""
    found = []
    for process in psutil.Process(os.getpid()).children(recursive=True):
        try:
            if process.name() == "pgbackrest":
                found.append((process, process.cmdline()))
        except psutil.Error:
            continue
    return found


def _kill(process: psutil.Process) -> None:
    try:
        process.send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return
