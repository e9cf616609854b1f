"""kill -9 of a restore while it copies files; then the same restore once more."""

from howdah.operations.drills.archive import require_archiving
from howdah.operations.drills.copies import RESTORED, Copy, judge_boundary, restore_copy
from howdah.operations.drills.damage import discard_copy
from howdah.operations.drills.interrupting import kill_in_the_middle
from howdah.operations.drills.limits import WRITES_GO_ON_SECONDS
from howdah.operations.drills.repairs import DISCARD
from howdah.operations.drills.scene import Scene
from howdah.operations.restores.target import LATEST, Target

BEGUN_ANEW = "left unfinished"


def run(scene: Scene) -> None:
    """What it left is known for what it is, and the next restore is complete."""
    require_archiving(scene)
    everything = Target(LATEST)
    with scene.writing():
        begun = scene.fault("kill -9 of a restore while it copies")
        failure = kill_in_the_middle(lambda: _anew(scene, everything), "restore:local")
        scene.timeline.note(f"the restore: {failure.message}")
    # Nobody writes now, so the end of the archive is the end of the ledger.
    written_at = scene.timeline.now()
    copy = Copy(scene, restore_copy(scene, everything))
    told = [sentence for sentence in scene.timeline.sentences() if BEGUN_ANEW in sentence]
    scene.verdict.judge(
        "the unfinished restore is told", bool(told), told[-1] if told else "nothing was said"
    )
    judge_boundary(scene, copy, written_at, written_at, "the end of the archive")
    scene.figures["repeated_after_seconds"] = round(written_at - begun, 2)
    scene.put_right(DISCARD)
    scene.judge_writes(outage_at_most=WRITES_GO_ON_SECONDS)


def _anew(scene: Scene, target: Target) -> None:
    """In an empty folder, also when the one before was quicker than who should have killed it."""
    discard_copy(scene.settings, RESTORED)
    restore_copy(scene, target)
