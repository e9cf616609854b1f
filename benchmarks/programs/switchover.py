"""The primary is moved while clients write: how long they wait, and whether a request fails."""

import time
from dataclasses import dataclass
from statistics import median

from benchmarks.cluster import ROUNDS, rounds_of, running_cluster
from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace
from howdah.operations.cluster.switchover import switchover
from howdah.operations.drills.ledger import Ledger
from howdah.operations.drills.tenant import found_tenant, remove_tenant, written
from howdah.operations.drills.wholeness import wait_until_whole
from howdah.operations.drills.writers import Writers

SUMMARY = "switchover under writes: the pause, and requests that fail"
NEEDS = None  # a cluster of its own

PAUSE_SECONDS = 2.0
CALM_SECONDS = 3.0
WHOLE_WITHIN_SECONDS = 60.0


@dataclass(frozen=True)
class Moved:
    """One switchover: from PAUSE to RESUME, and as the writing clients saw it. Seconds."""

    pause: float
    without_a_write: float
    failed: int


def run(workspace: Workspace) -> Report:
    """There and back again, under the same writers."""
    with running_cluster(workspace) as own:
        slug = found_tenant(own.settings, "switchover")
        ledger = Ledger(slug)
        with Writers(own.settings, slug, ledger):
            moved = [_move(own, ledger) for _ in range(rounds_of(workspace))]
        compared = ledger.compare(written(own.settings, slug))
        remove_tenant(own.settings, slug)
    pauses = [item.pause for item in moved]
    gaps = [item.without_a_write for item in moved]
    judged = len(moved) == ROUNDS
    return Report(
        name="switchover",
        title="Switchover under writes",
        columns=("measure", "median", "worst", "rounds"),
        rows=[
            ("clients held back for, s", median(pauses), max(pauses), len(moved)),
            ("no acknowledged write for, s", median(gaps), max(gaps), len(moved)),
        ],
        promises=[
            Promise("pause, worst", max(pauses), PAUSE_SECONDS, unit=" s", judged=judged),
            Promise("failed requests", sum(item.failed for item in moved), 0),
            Promise("acknowledged writes lost", len(compared.lost), 0),
            Promise("writes that happened twice", len(compared.duplicated), 0),
        ],
        notes=[f"{compared.acknowledged:,} writes were acknowledged to eight clients of the API."],
    )


def _move(own: Workspace, ledger: Ledger) -> Moved:
    wait_until_whole(own.settings, WHOLE_WITHIN_SECONDS)
    time.sleep(CALM_SECONDS)
    begun = time.monotonic()
    done = switchover(own.settings, None, own.say)
    time.sleep(CALM_SECONDS)
    gap = ledger.outage(begun)
    failed = sum(ledger.failures(begun).values())
    return Moved(done.pause_seconds, float("inf") if gap is None else gap.seconds, failed)
