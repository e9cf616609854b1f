"""Somebody drops a table while clients write; a copy is restored to just before that.

Production goes on meanwhile: what was lost is copied back from the copy, not production replaced.
"""

from howdah.operations.drills.archive import close_segment, require_archiving, wait_archived
from howdah.operations.drills.copies import judge_boundary, restored
from howdah.operations.drills.damage import drop_table, make_table, table_name
from howdah.operations.drills.limits import WRITES_GO_ON_SECONDS
from howdah.operations.drills.repairs import DROP
from howdah.operations.drills.scene import Scene
from howdah.operations.restores.target import XID, Target

ROWS = 1000
AFTERWARDS_SECONDS = 3.0


def run(scene: Scene) -> None:
    """The copy ends exactly before the DROP: to the transaction, and to the client's ledger."""
    require_archiving(scene)
    table = table_name(scene.slug)
    scene.will_owe(DROP, table)
    make_table(scene.settings, table, ROWS)
    with scene.writing():
        before = scene.fault(f"DROP TABLE {table}")
        dropped_by = drop_table(scene.settings, table)
        after = scene.timeline.now()
        scene.hold(AFTERWARDS_SECONDS)
        wait_archived(scene, close_segment(scene))
    with restored(scene, Target(XID, xid=dropped_by, before=True)) as copy:
        judge_boundary(scene, copy, before, after, "just before the DROP")
        scene.verdict.judge(
            "the table is there again", copy.has_table(table), f"restored from {copy.report.backup}"
        )
        following = copy.report.next
        scene.verdict.judge(
            "the next transaction is the DROP",
            following is not None and following.xid == dropped_by,
            f"{following}; the DROP was transaction {dropped_by}",
        )
    scene.judge_writes(outage_at_most=WRITES_GO_ON_SECONDS)
