"""The primary is killed while clients write: how long none is acknowledged, and what is lost."""

from statistics import median

from benchmarks.cluster import ROUNDS, rounds_of, running_cluster
from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace
from howdah.foundation.errors import CommandFailed
from howdah.operations.drills import Evidence, Wishes, run_drill

SUMMARY = "failover: kill -9 of the primary that stays down, until the next acknowledged write"
NEEDS = None  # a cluster of its own

DRILL = "primary-crash"
MEDIAN_SECONDS, WORST_SECONDS = 10.0, 15.0
FIGURES = {
    "no acknowledged write for, s": "write_outage_seconds",
    "cluster whole again after, s": "whole_again_seconds",
}


def run(workspace: Workspace) -> Report:
    """The drill, again and again; the primary changes sides each time."""
    with running_cluster(workspace) as own:
        found = [_drilled(own) for _ in range(rounds_of(workspace))]
    return _report(found)


def _drilled(own: Workspace) -> Evidence:
    """One failover. Raises CommandFailed when it could not be measured."""
    own.say(DRILL)
    evidence = run_drill(own.settings, DRILL, own.say, Wishes(fence=True))
    if evidence.figures.get("write_outage_seconds") is None:
        raise CommandFailed(f"{DRILL} {evidence.outcome}: {'; '.join(evidence.reasons)}")
    return evidence


def _report(found: list[Evidence]) -> Report:
    figures = [evidence.figures for evidence in found]
    judged = len(found) == ROUNDS
    outages = [float(item["write_outage_seconds"]) for item in figures]
    lost, written = (_sum(figures, name) for name in ("lost_writes", "acknowledged_writes"))
    twice = _sum(figures, "duplicated_writes")
    failed = sum(sum(item["failed_attempts"].values()) for item in figures)
    rows: list[tuple[object, ...]] = []
    for name, key in FIGURES.items():
        values = [float(item[key]) for item in figures]
        rows.append((name, median(values), max(values), len(values)))
    return Report(
        name="failover",
        title="Failover: the primary's processes are killed and stay down",
        columns=("measure", "median", "worst", "rounds"),
        rows=rows,
        promises=[
            Promise("median", median(outages), MEDIAN_SECONDS, unit=" s", judged=judged),
            Promise("worst", max(outages), WORST_SECONDS, unit=" s", judged=judged),
            Promise("acknowledged writes lost", lost, 0),
            Promise("writes that happened twice", twice, 0),
        ],
        notes=[
            f"{written:,} writes were acknowledged to eight clients of the API; {failed} attempts "
            "failed meanwhile and were repeated with their Idempotency-Key.",
            f"Unknown to their client at the end: {_sum(figures, 'unknown_writes')}.",
            "Power loss is not simulated: the kernel and its disk cache survive.",
        ],
    )


def _sum(figures: list[dict[str, object]], name: str) -> int:
    return sum(int(str(item[name])) for item in figures)
