"""Every PostgreSQL is restarted, one after the other, as an operator does it."""

from howdah.operations.cluster.restart import restart_rolling
from howdah.operations.drills.limits import RESTART_SECONDS
from howdah.operations.drills.scene import Scene

PURPOSES = ("analytics", "dashboards", "any")


def run(scene: Scene) -> None:
    """No request fails: neither a write nor a read."""
    primary = scene.primary()
    with scene.writing(), scene.reading(*PURPOSES) as readers:
        scene.fault("restart of every member, one after the other")
        done = restart_rolling(scene.settings, (), scene.timeline.note)
        scene.wait_until_whole()
    scene.figures["restarted"] = list(done.restarted)
    scene.figures["restart_seconds"] = done.seconds
    scene.figures["switchover_pause_seconds"] = done.switchover and done.switchover.pause_seconds
    scene.judge_writes(outage_at_most=RESTART_SECONDS, none_fails=True)
    scene.judge_leader(primary, changes=True)
    for purpose in PURPOSES:
        reads = readers.through_api[purpose]
        scene.judge_reads(f"{purpose}, through the API", reads, RESTART_SECONDS)
        failed = reads.failures(scene.timeline.fault_at)
        scene.verdict.judge(f"no read for {purpose} fails", not failed, str(failed or "none"))
    everybody = {member.name for member in scene.settings.topology.members}
    scene.verdict.judge(
        "every member was restarted", set(done.restarted) == everybody, ", ".join(done.restarted)
    )
