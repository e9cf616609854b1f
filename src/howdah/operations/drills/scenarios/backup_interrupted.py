"""kill -9 of a backup while it copies files."""

from howdah.operations.backups.listing import backups_of
from howdah.operations.backups.take import take_backup
from howdah.operations.cluster.reporting import silent
from howdah.operations.drills.archive import judge_no_hole, require_archiving
from howdah.operations.drills.interrupting import kill_in_the_middle
from howdah.operations.drills.limits import WRITES_GO_ON_SECONDS
from howdah.operations.drills.scene import Scene


def run(scene: Scene) -> None:
    """It is said to have failed, no half a backup is listed, and the next one works."""
    require_archiving(scene)
    settings = scene.settings
    with scene.writing():
        before = [item.label for item in backups_of(settings).backups]
        scene.fault("kill -9 of a backup while it copies")
        failure = kill_in_the_middle(lambda: take_backup(settings, "full", silent), "backup:local")
        scene.timeline.note(f"the backup: {failure.message}")
        left = [item.label for item in backups_of(settings).backups]
        taken = take_backup(settings, "full", scene.timeline.note)
        scene.timeline.note(f"the next backup, {taken.label}, took {taken.seconds:.0f} s")
        after = [item.label for item in backups_of(settings).backups]
    scene.figures["next_backup_seconds"] = taken.seconds
    scene.verdict.judge("no half a backup is listed", set(left) <= set(before), ", ".join(left))
    scene.verdict.judge(
        "the next backup works",
        taken.label in after and taken.label not in before and not taken.damaged,
        taken.label,
    )
    judge_no_hole(scene)
    scene.judge_writes(outage_at_most=WRITES_GO_ON_SECONDS)
