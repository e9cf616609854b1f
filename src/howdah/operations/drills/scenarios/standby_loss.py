"""The synchronous standby dies and stays down for a while."""

from howdah.operations.drills.faults import kill_members
from howdah.operations.drills.limits import STANDBY_LOSS_SECONDS
from howdah.operations.drills.repairs import START
from howdah.operations.drills.scene import Scene

DOWN_SECONDS = 5.0
VISIBLE_WITHIN_SECONDS = 10.0


def run(scene: Scene) -> None:
    """Writes go on without a synchronous copy, and everybody can see that."""
    primary, standby = scene.primary(), scene.standby()
    with scene.writing():
        scene.will_owe(START, standby.name)
        down_at = scene.fault(f"kill -9 of {standby.name}, and keep it down")
        kill_members(scene.settings, [standby.name], fence=True)
        seen_at = scene.watcher.wait_for(
            lambda view: view.sync_standby is None, "the loss of synchrony", 30
        )
        scene.timeline.note("the loss of synchrony is visible", seen_at)
        scene.wait_for_writes()
        scene.hold(DOWN_SECONDS)
        back_at = scene.put_right(START)
        scene.wait_until_whole(since=back_at)
    scene.figures["loss_visible_after_seconds"] = round(seen_at - down_at, 2)
    scene.judge_writes(outage_at_most=STANDBY_LOSS_SECONDS)
    scene.judge_leader(primary, changes=False)
    scene.verdict.at_most(
        "the loss of synchrony is visible", seen_at - down_at, VISIBLE_WITHIN_SECONDS, "s"
    )
