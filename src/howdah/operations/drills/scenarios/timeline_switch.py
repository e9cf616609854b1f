"""A failover, then restores to a moment before it and one after it, along the new timeline."""

from dataclasses import dataclass
from datetime import UTC, datetime

from howdah.operations.drills.archive import (
    close_segment,
    judge_no_hole,
    require_archiving,
    wait_archived,
)
from howdah.operations.drills.copies import judge_boundary, restored
from howdah.operations.drills.faults import kill_members
from howdah.operations.drills.limits import FAILOVER_SECONDS
from howdah.operations.drills.repairs import START
from howdah.operations.drills.scene import Scene
from howdah.operations.restores.target import TIME, Target

SECONDS_ON_EACH = 2.0


@dataclass(frozen=True)
class Moment:
    """A moment by the clock of the wall, which lies between two of the drill's own."""

    wall: datetime
    before: float
    after: float


def run(scene: Scene) -> None:
    """The new primary archives without a gap, and both sides of the switch can be restored."""
    require_archiving(scene)
    primary = scene.primary()
    with scene.writing():
        earlier = now(scene)
        scene.hold(SECONDS_ON_EACH)
        scene.will_owe(START, primary.name)
        scene.fault(f"kill -9 of everything of {primary.name}, and keep it down")
        kill_members(scene.settings, [primary.name], fence=True)
        scene.wait_for_writes()
        scene.wait_for_another_leader(primary)
        scene.hold(SECONDS_ON_EACH)
        later = now(scene)
        scene.hold(SECONDS_ON_EACH)
        back_at = scene.put_right(START)
        segment = close_segment(scene)
        wait_archived(scene, segment)
        scene.timeline.note(f"segment {segment} of the new timeline is archived")
        scene.wait_until_whole(since=back_at)
    judge_no_hole(scene)
    for what, moment in (("before the failover", earlier), ("after the failover", later)):
        with restored(scene, Target(TIME, moment=moment.wall)) as copy:
            judge_boundary(scene, copy, moment.before, moment.after, f"a moment {what}")
    scene.judge_writes(outage_at_most=FAILOVER_SECONDS)
    scene.judge_leader(primary, changes=True)


def now(scene: Scene) -> Moment:
    """This moment, on both clocks."""
    before = scene.timeline.now()
    wall = datetime.now(UTC)
    return Moment(wall, before, scene.timeline.now())
