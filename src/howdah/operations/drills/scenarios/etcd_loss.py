"""Every member of etcd dies and stays down longer than the lease: nobody can be elected."""

from howdah.operations.drills.faults import kill_members
from howdah.operations.drills.limits import ETCD_LOSS_SECONDS
from howdah.operations.drills.repairs import START
from howdah.operations.drills.scene import Scene

DOWN_SECONDS = 30.0


def run(scene: Scene) -> None:
    """The primary goes on by the consent of the other members; with etcd back all is as before."""
    primary = scene.primary()
    members = [member.name for member in scene.settings.topology.etcd_members]
    with scene.writing():
        scene.will_owe(START, *members)
        scene.fault(f"kill -9 of {', '.join(members)}, down for {DOWN_SECONDS:g} s")
        kill_members(scene.settings, members, fence=True)
        scene.hold(DOWN_SECONDS)
        while_down = scene.ledger.outage(scene.timeline.fault_at)
        back_at = scene.put_right(START)
        scene.wait_until_whole(since=back_at)
    scene.figures["longest_pause_while_down_seconds"] = while_down and round(while_down.seconds, 3)
    scene.judge_writes(outage_at_most=ETCD_LOSS_SECONDS)
    scene.judge_leader(primary, changes=False)
