"""The replica for analytics dies, stays down for a while, and comes back."""

import time

from howdah.foundation.errors import CommandFailed
from howdah.foundation.topology import Member
from howdah.operations.drills.faults import kill_members
from howdah.operations.drills.limits import READS_ELSEWHERE_SECONDS, REPLICA_BACK_SECONDS
from howdah.operations.drills.readers import Reads
from howdah.operations.drills.repairs import START
from howdah.operations.drills.scene import Scene

DOWN_SECONDS = 5.0
PURPOSE = "analytics"
OTHERS = ("dashboards", "any")


def run(scene: Scene) -> None:
    """Its reads go elsewhere within two seconds, and come back to it when it is well."""
    replica = replica_for(scene, PURPOSE)
    with scene.writing(), scene.reading(PURPOSE, *OTHERS) as readers:
        scene.hold(2)
        before = readers.through_pool[PURPOSE].served_by()
        scene.will_owe(START, replica.name)
        down_at = scene.fault(f"kill -9 of {replica.name}, and keep it down")
        kill_members(scene.settings, [replica.name], fence=True)
        scene.hold(DOWN_SECONDS)
        back_at = scene.put_right(START)
        scene.wait_until_whole(since=back_at)
        served_again_at = wait_for(replica, readers.through_pool[PURPOSE], back_at)
        scene.timeline.note(f"{replica.name} serves {PURPOSE} again", served_again_at)
    scene.judge_writes(outage_at_most=READS_ELSEWHERE_SECONDS)
    scene.verdict.judge(
        f"{replica.name} serves {PURPOSE} first", set(before) == {replica.name}, str(before)
    )
    for purpose in (PURPOSE, *OTHERS):
        reads = readers.through_api[purpose]
        scene.judge_reads(f"{purpose}, through the API", reads, READS_ELSEWHERE_SECONDS)
    judge_left_out(scene, readers.through_pool[PURPOSE], down_at, back_at)
    scene.verdict.at_most(
        f"{replica.name} is taken back", served_again_at - back_at, REPLICA_BACK_SECONDS, "s"
    )


def replica_for(scene: Scene, purpose: str) -> Member:
    """The replica that serves this purpose first."""
    for member in scene.settings.topology.members:
        if not member.candidate and purpose in member.purposes:
            return member
    raise CommandFailed(f"no replica serves {purpose}")


def judge_left_out(scene: Scene, reads: Reads, down_at: float, back_at: float) -> None:
    """From when on no read of the purpose failed any more, while the replica was down."""
    while_down = [read for read in reads.after(down_at) if read.at < back_at]
    failed = [read.at for read in while_down if read.failure]
    answered = [read.at for read in while_down if not read.failure]
    left_out = min((at for at in answered if at > max(failed, default=down_at)), default=None)
    seconds = None if left_out is None else left_out - down_at
    scene.figures["left_out_after_seconds"] = seconds and round(seconds, 2)
    scene.figures["served_meanwhile_by"] = sorted({read.by for read in while_down if read.by})
    scene.verdict.at_most("the replica is left out", seconds, READS_ELSEWHERE_SECONDS, "s")


def wait_for(replica: Member, reads: Reads, since: float) -> float:
    """When it answered again; raises CommandFailed when it does not."""
    deadline = time.monotonic() + REPLICA_BACK_SECONDS
    while (at := reads.first_by(replica.name, since)) is None:
        if time.monotonic() > deadline:
            raise CommandFailed(f"{replica.name} does not serve again")
        time.sleep(0.1)
    return at
