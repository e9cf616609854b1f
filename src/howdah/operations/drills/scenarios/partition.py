"""The primary's zone is cut off from everybody else, and comes back when another one leads.

Somebody inside the zone keeps writing to the primary directly, without waiting for the standby;
somebody in the other zone tries the same with the one that will take over. Both read one clock.
"""

from howdah.foundation.processes.networks import cut
from howdah.operations.drills.limits import FAILOVER_SECONDS
from howdah.operations.drills.prober import Prober
from howdah.operations.drills.repairs import MEND
from howdah.operations.drills.scene import Scene

CUT_OFF_SECONDS = 3.0
"""How long the zone stays cut off after another member leads."""


def run(scene: Scene) -> None:
    """The last write of the old primary lies before the first of the new one."""
    primary, standby = scene.primary(), scene.standby()
    old, new = Prober(scene.settings, primary), Prober(scene.settings, standby)
    with scene.writing(), scene.probing(old, new):
        scene.will_owe(MEND, primary.zone)
        cut_at = scene.fault(f"zone {primary.zone} is cut off, with the primary {primary.name}")
        cut(scene.settings.topology, primary.zone)
        scene.wait_for_writes()
        scene.wait_for_another_leader(primary)
        scene.hold(CUT_OFF_SECONDS)
        back_at = scene.put_right(MEND)
        scene.wait_until_whole(since=back_at)
    scene.judge_writes(outage_at_most=FAILOVER_SECONDS)
    scene.judge_leader(primary, changes=True)
    judge_primaries(scene, old, new, cut_at)


def judge_primaries(scene: Scene, old: Prober, new: Prober, cut_at: float) -> None:
    """No moment at which both accepted writes; each side must have been seen to write at all."""
    if not old.accepted or not new.accepted:
        scene.verdict.judge("no two primaries at any time", kept=False, found="nobody saw both")
        return
    last, first = old.accepted[-1].confirmed_at, new.accepted[0].sent_at
    since = scene.timeline.since_fault
    scene.figures |= {
        "old_primary_wrote_until_seconds": round(since(last), 3),
        "new_primary_wrote_from_seconds": round(since(first), 3),
        "local_writes_while_cut_off": len(old.accepted_after(cut_at)),
    }
    scene.timeline.note(f"last write that {old.member.name} accepted", last)
    scene.timeline.note(f"first write that {new.member.name} accepted", first)
    scene.verdict.judge(
        "no two primaries at any time",
        last < first,
        f"{old.member.name} accepted its last write {first - last:.2f} s before the first of "
        f"{new.member.name}",
    )
    scene.verdict.judge(
        "the primary that is cut off stops accepting writes",
        last < cut_at + FAILOVER_SECONDS and old.refusals > 0,
        f"{since(last):.2f} s after the cut",
    )
