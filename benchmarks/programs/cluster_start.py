"""What the whole cluster costs: starts, memory, and CPU while nobody asks anything."""

import time
from statistics import median

import psutil

from benchmarks.cluster import ROUNDS, rounds_of, running_cluster
from benchmarks.measure.cpu import tree_seconds
from benchmarks.measure.report import Report
from benchmarks.workspace import Workspace
from howdah.operations.drills.wholeness import wait_until_whole

SUMMARY = "profile full: cold and warm start, memory, idle CPU"
NEEDS = None  # a cluster of its own

SETTLED_SECONDS = 20
IDLE_SECONDS = 30


def run(workspace: Workspace) -> Report:
    """Starts a new cluster in each round; memory and idle CPU are those of the last."""
    times: dict[str, list[float]] = {"new home": [], "after a stop": [], "stop": []}
    rounds = rounds_of(workspace)
    for turn in range(rounds):
        begun = time.monotonic()
        with running_cluster(workspace) as own:
            times["new home"].append(time.monotonic() - begun)
            times["stop"].append(_timed(own, "down"))
            times["after a stop"].append(_timed(own, "up"))
            if turn == rounds - 1:
                memory_mb, processes = _memory(own)
                idle = _idle(own)
    return Report(
        name="cluster-start",
        title="`./howdah up --profile full`",
        columns=("what", "median", "worst", "rounds"),
        rows=[
            *((f"{name}, s", median(found), max(found), rounds) for name, found in times.items()),
            ("memory in total (PSS), MB", memory_mb, memory_mb, 1),
            ("processes", processes, processes, 1),
            (f"idle CPU over {IDLE_SECONDS} s, % of a core", idle, idle, 1),
        ],
        notes=[
            "A start ends when a write is possible, the standby is synchronous and both replicas "
            "stream. Memory is shared out between those that share it (PSS); it holds the whole "
            "stack: etcd, four PostgreSQL servers with Patroni, HAProxy, PgBouncer, Redis, API, "
            "worker, relay, scheduler.",
            f"Rounds promised: {ROUNDS}.",
        ],
    )


def _timed(own: Workspace, command: str) -> float:
    begun = time.monotonic()
    own.howdah(command)
    if command == "up":
        wait_until_whole(own.settings, 60)
    return time.monotonic() - begun


def _stack(own: Workspace) -> list[psutil.Process]:
    """supervisord and everything below it; PostgreSQL leaves Patroni's side, not its group."""
    supervisor = psutil.Process(int(own.settings.layout.supervisor_pid.read_text()))
    found = {process.pid: process for process in [supervisor, *supervisor.children(True)]}
    for member in own.settings.topology.members:
        file = own.settings.layout.member_data(member.name) / "postmaster.pid"
        server = psutil.Process(int(file.read_text().split()[0]))
        found |= {process.pid: process for process in [server, *server.children(True)]}
    return list(found.values())


def _memory(own: Workspace) -> tuple[float, int]:
    """Proportional set size in MB, and how many processes."""
    time.sleep(SETTLED_SECONDS)
    stack = _stack(own)
    return sum(process.memory_full_info().pss for process in stack) / 1024**2, len(stack)


def _idle(own: Workspace) -> float:
    """Percent of one core."""
    roots = [process.pid for process in _stack(own)]
    before = tree_seconds(roots)
    time.sleep(IDLE_SECONDS)
    return 100 * (tree_seconds(roots) - before) / IDLE_SECONDS
