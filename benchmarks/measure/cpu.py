"""CPU that processes used, from /proc: it stays true on a machine that others load too.

Wall time on a shared machine says how busy the neighbours were; CPU says what the work costs.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
_PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """One line of /proc/PID/stat; CPU in seconds."""

    pid: int
    parent: int
    own_seconds: float
    reaped_seconds: float  # of children that ended and were waited for


def parse_stat(line: str) -> Process:
    """Reads a /proc/PID/stat line; the name in it may hold spaces and parentheses."""
    pid, rest = line.split(" ", 1)
    fields = rest[rest.rindex(")") + 2 :].split()
    own = (int(fields[11]) + int(fields[12])) / _TICKS_PER_SECOND
    reaped = (int(fields[13]) + int(fields[14])) / _TICKS_PER_SECOND
    return Process(int(pid), int(fields[1]), own, reaped)


def all_processes() -> dict[int, Process]:
    """Every process that can be seen now."""
    found = {}
    for path in _PROC.glob("[0-9]*/stat"):
        try:
            process = parse_stat(path.read_text())
        except (FileNotFoundError, ProcessLookupError):
            continue  # ended between being listed and being read
        found[process.pid] = process
    return found


def tree_seconds(roots: Iterable[int], processes: dict[int, Process] | None = None) -> float:
    """CPU seconds of these processes and everything below them, children that ended included.

    Never falls while the roots live: what a child used moves to its parent's account when it ends.
    """
    known = all_processes() if processes is None else processes
    children: dict[int, list[int]] = {}
    for process in known.values():
        children.setdefault(process.parent, []).append(process.pid)
    waiting, seen, total = list(roots), set[int](), 0.0
    while waiting:
        pid = waiting.pop()
        if pid in seen or pid not in known:
            continue
        seen.add(pid)
        total += known[pid].own_seconds + known[pid].reaped_seconds
        waiting += children.get(pid, [])
    return total


def thread_seconds(pid: int) -> float:
    """CPU seconds of a single-threaded process to the nanosecond, such as a PostgreSQL backend.

    Counts up to its last pause, so ask while it waits. Source: /proc/PID/schedstat.
    """
    return int((_PROC / str(pid) / "schedstat").read_text().split()[0]) / 1e9


def cpu_of(roots: Iterable[int], work: Callable[[], None]) -> float:
    """CPU seconds that the process trees used while `work` ran."""
    pids = list(roots)
    before = tree_seconds(pids)
    work()
    return tree_seconds(pids) - before
