"""A WAL segment disappears from the archive: pgBackRest's own checks say "ok" over the hole."""

from howdah.foundation.errors import HowdahError
from howdah.operations.backups.verify import verify_backups
from howdah.operations.drills.archive import (
    close_segment,
    judge_no_hole,
    present_archive,
    require_archiving,
    wait_archived,
    wait_told,
)
from howdah.operations.drills.copies import restore_copy
from howdah.operations.drills.damage import find_segment, take_segment_away
from howdah.operations.drills.limits import TOLD_SECONDS, WRITES_GO_ON_SECONDS
from howdah.operations.drills.repairs import DISCARD, RETURN
from howdah.operations.drills.scene import Scene
from howdah.operations.restores.target import LATEST, Target

PAUSE_SECONDS = 1.0


def run(scene: Scene) -> None:
    """Both checks name the segment, and no restore pretends to reach across."""
    require_archiving(scene)
    with scene.writing():
        _, victim, last = (_written_and_closed(scene) for _ in range(3))
        wait_archived(scene, last)
        file = find_segment(scene.settings, present_archive(scene).archive_id, victim)
        scene.will_owe(RETURN, file)
        gone_at = scene.fault(f"segment {victim} is gone from the archive")
        take_segment_away(scene.settings, file)
        problem = wait_told(scene, TOLD_SECONDS, "gaps")
        told_seconds = scene.timeline.now() - gone_at
        scene.figures["told_after_seconds"] = round(told_seconds, 2)
        scene.verdict.judge("`backup check` names it", victim in problem.sentence, problem.sentence)
        judge_verify(scene, victim)
        judge_restore(scene, victim)
        scene.put_right(RETURN)
    judge_no_hole(scene)
    scene.judge_writes(outage_at_most=WRITES_GO_ON_SECONDS)


def _written_and_closed(scene: Scene) -> str:
    scene.hold(PAUSE_SECONDS)
    return close_segment(scene)


def judge_verify(scene: Scene, victim: str) -> None:
    """Reading everything names it too."""
    found = verify_backups(scene.settings)
    named = [damage.sentence for damage in found.damages if victim in damage.sentence]
    scene.figures["verify_seconds"] = round(found.seconds, 2)
    scene.verdict.judge(
        "`backup verify` names it",
        bool(named) and not found.passed,
        named[0] if named else f"{len(found.damages)} damages",
    )


def judge_restore(scene: Scene, victim: str) -> None:
    """A restore of everything stops before the hole, and says so."""
    try:
        report = restore_copy(scene, Target(LATEST))
    except HowdahError as failure:
        said = f"{failure.message} {failure.hint or ''}"
        scene.timeline.note(f"a restore across the hole: {failure.message}")
        scene.verdict.judge(
            "a restore across the hole is refused, with its name", victim in said, failure.message
        )
    else:
        scene.verdict.judge(
            "a restore across the hole is refused",
            kept=False,
            found=f"it said that it reached {report.reached_lsn}",
        )
    scene.put_right(DISCARD)
