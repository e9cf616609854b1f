"""Everything in the zone of the primary dies at once and stays down for a while."""

from howdah.operations.drills.faults import kill_members
from howdah.operations.drills.limits import FAILOVER_SECONDS
from howdah.operations.drills.repairs import START
from howdah.operations.drills.scene import Scene

DOWN_SECONDS = 5.0
"""How long the zone stays away after another member leads."""
PURPOSES = ("analytics", "dashboards", "any")


def run(scene: Scene) -> None:
    """The other zone takes over with everything acknowledged; every purpose is still read."""
    primary = scene.primary()
    lost = [
        member.name for member in scene.settings.topology.members if member.zone == primary.zone
    ]
    with scene.writing(), scene.reading(*PURPOSES) as readers:
        scene.will_owe(START, *lost)
        scene.fault(f"kill -9 of everything in zone {primary.zone}: {', '.join(lost)}")
        kill_members(scene.settings, lost, fence=True)
        scene.wait_for_writes()
        scene.wait_for_another_leader(primary)
        scene.hold(DOWN_SECONDS)
        scene.put_right(START)
        scene.wait_until_whole()
    scene.judge_writes(outage_at_most=FAILOVER_SECONDS)
    scene.judge_leader(primary, changes=True)
    for purpose in PURPOSES:
        scene.judge_reads(
            f"{purpose}, through the API", readers.through_api[purpose], FAILOVER_SECONDS
        )
