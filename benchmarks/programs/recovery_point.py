"""How many seconds of acknowledged writes each class of failure costs, by the clients' ledger."""

from statistics import median
from typing import Any

from benchmarks.archived import running_archived
from benchmarks.cluster import ROUNDS, rounds_of, running_cluster
from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace
from howdah.foundation.errors import CommandFailed
from howdah.operations.drills import Wishes, run_drill

SUMMARY = "writes lost for each class of failure, measured from the clients' ledger"
NEEDS = None  # stacks of its own

PLAIN, IDLE = Wishes(), Wishes(idle=True)
LIMIT_SECONDS = 60.0
BEYOND = "archive_ended_before_seconds"
SECONDS, WRITES, MISSING = "seconds_lost", "lost_writes", "missing: just before the DROP"


def run(workspace: Workspace) -> Report:
    """Each class again and again: a zone on a cluster, the others on a single server."""
    rounds = rounds_of(workspace)
    with running_cluster(workspace) as own:
        zone = _figures(own, "zone-loss", PLAIN, rounds)
    with running_archived(workspace, "recovery-point") as own:
        under_writes = _figures(own, "instance-loss", PLAIN, rounds)
        idle = _figures(own, "instance-loss", IDLE, rounds)
        dropped = _figures(own, "point-in-time", PLAIN, rounds)
    judged = rounds == ROUNDS
    return Report(
        name="recovery-point",
        title="What each class of failure costs",
        columns=("failure", "lost, median", "worst", "unit", "writes acknowledged", "runs"),
        rows=[
            _row("a zone, with the primary (synchronous standby)", zone, WRITES, "writes"),
            _row("every data directory, under writes (archive)", under_writes, SECONDS, "s"),
            _row("every data directory, one write in 5 s (archive)", idle, SECONDS, "s"),
            _row("a dropped table (restore to just before)", dropped, MISSING, "writes"),
        ],
        promises=[
            Promise("writes lost with a zone", _worst(zone, WRITES), 0),
            Promise(
                "lost with every data directory, worst",
                max(_worst(under_writes, SECONDS), _worst(idle, SECONDS)),
                LIMIT_SECONDS,
                unit=" s",
                judged=judged,
            ),
            Promise("writes before the DROP that are missing", _worst(dropped, MISSING), 0),
        ],
        notes=[
            "Seconds from the first acknowledged write that is missing to the loss. "
            f"`archive_timeout` is {own.settings.topology.backup.archive_timeout_seconds} s.",
            "From the last transaction in the archive to the loss, which nobody need have written "
            f"in: at most {_worst(under_writes, BEYOND):.1f} s under writes, "
            f"{_worst(idle, BEYOND):.1f} s with one write in 5 s.",
        ],
    )


def _figures(own: Workspace, drill: str, wishes: Wishes, rounds: int) -> list[dict[str, Any]]:
    """Of so many runs. Raises CommandFailed when one could not be measured."""
    found = []
    for _ in range(rounds):
        evidence = run_drill(own.settings, drill, own.say, wishes)
        own.say(f"{drill}: {evidence.outcome}")
        if "acknowledged_writes" not in evidence.figures:
            raise CommandFailed(f"{drill} {evidence.outcome}: {'; '.join(evidence.reasons)}")
        found.append(evidence.figures)
    return found


def _row(title: str, found: list[dict[str, Any]], name: str, unit: str) -> tuple[object, ...]:
    values = [item[name] for item in found]
    written = sum(int(item["acknowledged_writes"]) for item in found)
    return (title, median(values), max(values), unit, written, len(found))


def _worst(found: list[dict[str, Any]], name: str) -> float:
    return float(max(item[name] for item in found))
