"""Processes of a stack that outlived their supervisor: find them and end them.

A process belongs to the stack of `home` when its environment carries the marker
HOWDAH_SUPERVISED=<home>, or when it is one of the servers (which overwrite their environment)
and its command line names a file of `home`.
"""

import os
import signal
import time
from collections.abc import Iterable
from pathlib import Path

import psutil

MARKER = "HOWDAH_SUPERVISED"
SERVERS = frozenset(
    {"postgres", "pgbouncer", "redis-server", "supervisord", "patroni", "etcd", "haproxy"}
)
POLL_SECONDS = 0.05


def survivors(home: Path) -> list[psutil.Process]:
    """The processes of that stack, except the caller and its parents; zombies do not count."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in mine and _alive(process) and _belongs(process, home)
    ]


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running() and process.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _belongs(process: psutil.Process, home: Path) -> bool:
    try:
        if process.environ().get(MARKER) == str(home):
            return True
    except (psutil.Error, OSError):  # another user's process: its command line may still tell
        pass
    try:
        return is_server_of(home, process.cmdline())
    except psutil.Error:
        return False


def is_server_of(home: Path, arguments: list[str]) -> bool:
    """Whether this command line is a server started with a configuration or data of `home`."""
    if not SERVERS.intersection(Path(word).name for word in arguments[:2]):
        return False
    files = tuple(f"{home}/{folder}/" for folder in ("etc", "data", "run", "scratch"))
    return any(word.rpartition("=")[2].startswith(files) for word in arguments[1:])


def end_all(home: Path, patience_seconds: float = 10) -> int:
    """End what is left of the stack of `home`, gently first; returns how many there were."""
    found = survivors(home)
    _signal(found, polite=True)
    left = wait_gone(found, patience_seconds)
    # Servers that were ended may leave children behind that only show up now.
    left += [process for process in survivors(home) if process not in left]
    _signal(left, polite=False)
    wait_gone(left, patience_seconds)
    return len(found)


def _signal(processes: Iterable[psutil.Process], *, polite: bool) -> None:
    for process in processes:
        try:
            if not polite:
                process.kill()
            elif process.name() == "postgres":
                process.send_signal(signal.SIGINT)  # fast shutdown; TERM would wait for clients
            else:
                process.terminate()
        except psutil.NoSuchProcess:
            continue


def wait_gone(processes: Iterable[psutil.Process], patience_seconds: float) -> list[psutil.Process]:
    """Those that still run after the wait; zombies that nobody reaped yet count as gone."""
    deadline = time.monotonic() + patience_seconds
    left = [process for process in processes if _alive(process)]
    while left and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
        left = [process for process in left if _alive(process)]
    return left
