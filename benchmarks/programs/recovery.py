"""How long the recovery of everything takes at two sizes, and the line through them."""

import shutil
from dataclasses import dataclass
from statistics import median
from typing import Any

from benchmarks.archived import GB, fill, running_archived, sizes
from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace
from howdah.foundation.errors import CommandFailed
from howdah.operations.backups.take import take_backup
from howdah.operations.drills import run_drill
from howdah.operations.restores.into import RestorePlan, restore_into
from howdah.operations.restores.report import RestoreReport
from howdah.operations.restores.target import LATEST, Target

SUMMARY = "recovery of a server that lost all its data, at two sizes; replay of WAL"
NEEDS = None  # a server of its own

DRILL = "instance-loss"
ROUNDS = 3
EXTRAPOLATED_GB = 100
LIMIT_SECONDS = 4 * 3600.0


@dataclass(frozen=True)
class Recovery:
    """At one size; seconds are medians. `outage`: without an acknowledged write."""

    size_bytes: int
    outage: float
    worst: float
    steps: dict[str, float]

    def row(self) -> tuple[object, ...]:
        steps = self.steps
        return (
            f"{self.size_bytes / GB:.2g} GB",
            self.outage,
            self.worst,
            *(steps[name] for name in ("identify", "assess", "recover", "verify", "switch")),
        )


def run(workspace: Workspace) -> Report:
    """The drill at both sizes; between them what the larger has more is replayed from WAL once."""
    with running_archived(workspace, "recovery") as own:
        smaller, larger = sizes(workspace)
        found = [_recovered(own, fill(own, smaller))]
        size = fill(own, larger)
        replayed = _replay(own)
        found.append(_recovered(own, size))
    seconds = extrapolated(found, EXTRAPOLATED_GB * GB)
    return Report(
        name="recovery",
        title="Recovery of a server that lost all its data",
        columns=(
            "data",
            "no write for, s",
            "worst",
            "identify",
            "assess",
            "recover",
            "verify",
            "switch",
        ),
        rows=[item.row() for item in found],
        promises=[
            Promise(
                f"{EXTRAPOLATED_GB} GB, by the line through both sizes",
                seconds,
                LIMIT_SECONDS,
                unit=" s",
                judged=workspace.scale.full,
            )
        ],
        notes=_notes(replayed),
    )


def _notes(replayed: RestoreReport) -> list[str]:
    rate = replayed.replay_mb_per_second
    return [
        f"The drill `{DRILL}`: `howdah recover --yes` from the archive alone, under writes, until "
        "the next acknowledged one; medians.",
        f"{EXTRAPOLATED_GB} GB is an extrapolation, and holds little WAL. Replay took "
        f"{replayed.seconds['replay']:.1f} s for {replayed.wal_bytes / GB:.2g} GB of WAL, "
        f"{rate:.0f} MB/s: each further GB of WAL since the backup costs "
        f"{1000 / rate if rate else 0:.0f} s, so that 100 GB of it alone would take "
        f"{100_000 / rate / 60 if rate else 0:.0f} minutes.",
    ]


def extrapolated(found: list[Recovery], size_bytes: float) -> float:
    """Seconds at that size by the straight line through the first and the last."""
    first, last = found[0], found[-1]
    slope = (last.outage - first.outage) / (last.size_bytes - first.size_bytes)
    return last.outage + max(slope, 0.0) * (size_bytes - last.size_bytes)


def _recovered(own: Workspace, size: int) -> Recovery:
    figures: list[dict[str, Any]] = []
    for _ in range(max(1, min(own.rounds, ROUNDS))):
        take_backup(own.settings, "full", own.say)  # so that little WAL is replayed
        evidence = run_drill(own.settings, DRILL, own.say)
        if evidence.figures.get("write_outage_seconds") is None:
            raise CommandFailed(f"{DRILL} {evidence.outcome}: {'; '.join(evidence.reasons)}")
        figures.append(evidence.figures)
    outages = [float(item["write_outage_seconds"]) for item in figures]
    steps = {
        name: median(float(item["steps_seconds"][name]) for item in figures)
        for name in figures[0]["steps_seconds"]
    }
    return Recovery(size, median(outages), max(outages), steps)


def _replay(own: Workspace) -> RestoreReport:
    """A restore of the smaller database's backup, and all that was written since."""
    folder = own.folder / "replayed"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        return restore_into(own.settings, RestorePlan(Target(LATEST), folder), own.say)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
