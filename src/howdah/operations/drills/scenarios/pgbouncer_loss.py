"""PgBouncer dies; supervisord starts it again. Every database connection of the API breaks."""

from howdah.operations.drills.faults import kill_program
from howdah.operations.drills.limits import POOLER_LOSS_SECONDS
from howdah.operations.drills.scene import Scene

WORKS_ON_SECONDS = 5.0


def run(scene: Scene) -> None:
    """Requests wait or are answered 503; none is lost, and the cluster does not notice."""
    primary = scene.primary()
    with scene.writing():
        scene.fault("kill -9 of PgBouncer")
        kill_program(scene.settings, "pgbouncer")
        scene.wait_for_writes()
        scene.hold(WORKS_ON_SECONDS)
        scene.wait_until_whole()
    scene.judge_writes(outage_at_most=POOLER_LOSS_SECONDS)
    scene.judge_leader(primary, changes=False)
    failures = scene.ledger.failures(scene.timeline.fault_at)
    other = {kind: count for kind, count in failures.items() if not kind.startswith("503")}
    scene.verdict.judge(
        "a request that cannot be served is answered 503", not other, str(failures or "all served")
    )
