"""How long `./howdah up` takes: on a new home, and again when everything runs or was stopped."""

import shutil
import time
from collections.abc import Callable
from statistics import median

from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace, elsewhere

SUMMARY = "./howdah up: new home, after a stop, running already"
NEEDS = None  # a home of its own; the data set is not needed

PORT_DISTANCE = 200


def run(workspace: Workspace) -> Report:
    """Each start several times, on a home that is deleted afterwards."""
    own = elsewhere(workspace, "up", PORT_DISTANCE)
    rounds = max(1, min(workspace.rounds, 3))
    found: dict[str, list[float]] = {"new home": [], "after a stop": [], "running already": []}
    try:
        for _ in range(rounds):
            _delete(own)
            found["new home"].append(_timed(lambda: own.howdah("up")))
            found["running already"].append(_timed(lambda: own.howdah("up")))
            own.howdah("down")
            found["after a stop"].append(_timed(lambda: own.howdah("up")))
    finally:
        _delete(own)
    return Report(
        name="up",
        title="`./howdah up`, profile solo",
        columns=("start", "seconds, median", "slowest", "runs"),
        rows=[(name, median(times), max(times), rounds) for name, times in found.items()],
        promises=[
            Promise("up, after a stop", max(found["after a stop"]), 10, unit=" s"),
            Promise("up, running already", max(found["running already"]), 10, unit=" s"),
        ],
        notes=[
            "A new home on a machine that has the packages; `bench fresh-machine` starts without."
        ],
    )


def _timed(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def _delete(own: Workspace) -> None:
    if own.settings.home.exists():
        own.howdah("reset", "--yes")
    shutil.rmtree(own.settings.home, ignore_errors=True)
