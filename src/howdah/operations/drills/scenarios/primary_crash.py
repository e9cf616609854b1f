"""The primary dies at once: postmaster, backends and Patroni.

supervisord starts Patroni again within a second. That finds its server dead and gives the lead away
at once. Fenced, it stays down, and another member has to wait until its lease has ended.
"""

from howdah.operations.drills.faults import kill_members
from howdah.operations.drills.limits import FAILOVER_SECONDS
from howdah.operations.drills.repairs import START
from howdah.operations.drills.scene import Scene


def run(scene: Scene) -> None:
    """Nothing acknowledged is lost, and writes go on by themselves."""
    primary, fence = scene.primary(), scene.wishes.fence
    with scene.writing():
        if fence:
            scene.will_owe(START, primary.name)
        fenced = ", and keep it down" if fence else ""
        scene.fault(f"kill -9 of Patroni, postmaster and backends of {primary.name}{fenced}")
        kill_members(scene.settings, [primary.name], fence=fence)
        scene.wait_for_writes()
        if fence:
            scene.wait_for_another_leader(primary)
            scene.put_right(START)
        scene.wait_until_whole()
    scene.judge_writes(outage_at_most=FAILOVER_SECONDS)
    if fence:
        scene.judge_leader(primary, changes=True)
