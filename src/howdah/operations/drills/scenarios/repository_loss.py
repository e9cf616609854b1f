"""The repository cannot be reached: its folder is closed, as if its disk were away."""

from howdah.operations.drills.archive import (
    archiver,
    close_segment,
    judge_no_hole,
    require_archiving,
    wait_archived,
    wait_told,
)
from howdah.operations.drills.damage import close_repository
from howdah.operations.drills.limits import HEALED_SECONDS, TOLD_SECONDS, WRITES_GO_ON_SECONDS
from howdah.operations.drills.repairs import OPEN
from howdah.operations.drills.scene import Scene

SEGMENTS = 3
PAUSE_SECONDS = 1.0


def run(scene: Scene) -> None:
    """Writes go on, everybody can see it, and the archive is complete once it is back."""
    require_archiving(scene)
    with scene.writing():
        scene.will_owe(OPEN, "repository")
        lost_at = scene.fault("the repository's folder is closed")
        close_repository(scene.settings)
        for _ in range(SEGMENTS):
            close_segment(scene)
            scene.hold(PAUSE_SECONDS)
        wait_told(scene, TOLD_SECONDS, "repository", "archive")
        told_at = scene.timeline.now()
        waiting = archiver(scene).waiting
        back_at = scene.put_right(OPEN)
        wait_archived(scene, close_segment(scene))
        healed_at = scene.timeline.now()
        scene.timeline.note("everything that waited is archived", healed_at)
    judge_healed(scene, told_at - lost_at, healed_at - back_at, waiting)
    scene.judge_writes(outage_at_most=WRITES_GO_ON_SECONDS)


def judge_healed(scene: Scene, told_seconds: float, healed_seconds: float, waiting: int) -> None:
    """It was seen, nothing that was written meanwhile is missing, and it healed by itself."""
    scene.figures |= {
        "told_after_seconds": round(told_seconds, 2),
        "segments_that_waited": waiting,
        "healed_after_seconds": round(healed_seconds, 2),
    }
    scene.verdict.at_most("`backup check` tells of it", told_seconds, TOLD_SECONDS, "s")
    scene.verdict.judge(
        "PostgreSQL keeps what it cannot archive", waiting > 0, f"{waiting} segments waited"
    )
    scene.verdict.at_most("it heals by itself", healed_seconds, HEALED_SECONDS, "s")
    judge_no_hole(scene)
