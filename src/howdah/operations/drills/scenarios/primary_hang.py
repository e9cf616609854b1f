"""The primary freezes with the lease in its hands, and wakes up when another one leads.

When it wakes up it believes for a moment that it still leads. Nobody is sent to it any more, and
it cannot confirm a write: its synchronous standby is the one that leads now.
"""

from howdah.operations.drills.faults import freeze
from howdah.operations.drills.limits import FAILOVER_SECONDS
from howdah.operations.drills.prober import Prober
from howdah.operations.drills.repairs import THAW
from howdah.operations.drills.scene import Scene

ASLEEP_SECONDS = 3.0
"""How long it goes on sleeping after another one leads."""


def run(scene: Scene) -> None:
    """The old primary confirms no write once it has woken up, and rejoins."""
    primary = scene.primary()
    durable = Prober(scene.settings, primary, synchronous_commit="on")
    local = Prober(scene.settings, primary, synchronous_commit="local")
    with scene.writing():
        scene.will_owe(THAW, primary.name)
        scene.fault(f"SIGSTOP of Patroni and PostgreSQL of {primary.name}")
        freeze(scene.settings, primary.name)
        scene.wait_for_writes()
        scene.wait_for_another_leader(primary)
        scene.hold(ASLEEP_SECONDS)
        with scene.probing(durable, local):
            awake_at = scene.put_right(THAW)
            scene.wait_until_whole(since=awake_at)
    scene.judge_writes(outage_at_most=FAILOVER_SECONDS)
    scene.judge_leader(primary, changes=True)
    confirmed, kept_to_itself = durable.accepted, local.accepted
    scene.figures["confirmed_by_the_old_primary_awake"] = len(confirmed)
    scene.figures["local_writes_of_the_old_primary_awake"] = len(kept_to_itself)
    scene.verdict.judge(
        "the old primary confirms no write after it has woken up",
        not confirmed and durable.refusals > 0,
        f"{len(confirmed)} confirmed, {durable.refusals} refused",
    )
