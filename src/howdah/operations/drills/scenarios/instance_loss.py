"""Every data directory is gone at once, standby and replicas too: what is left is the archive.

Under writes, or idle: then somebody writes every five seconds only, and it happens at a bad moment,
just before the segment would have been closed and archived.
"""

from datetime import UTC, datetime

from howdah.operations.drills.archive import (
    archiver,
    current_segment,
    judge_no_hole,
    require_archiving,
)
from howdah.operations.drills.limits import ARCHIVE_LOSS_SECONDS, ARCHIVED_SECONDS
from howdah.operations.drills.loss import DATABASE, lose_data, recover, servers
from howdah.operations.drills.repairs import RECOVER
from howdah.operations.drills.scene import Scene
from howdah.operations.drills.writers import WRITES_PER_SECOND
from howdah.operations.recovery.choices import RESTORE, Choice
from howdah.operations.recovery.record import RECOVERED, Record

WRITING_SECONDS = 10.0
IDLE_WRITES_PER_SECOND = 0.2
JUST_BEFORE_SECONDS = 4.0
"""How long before the segment would be closed a bad moment lies; a write and a calm of 3 s come
before it."""


def run(scene: Scene) -> None:
    """`howdah recover` brings the database back by itself, with all but the last moments."""
    require_archiving(scene)
    idle = scene.wishes.idle
    with scene.writing(IDLE_WRITES_PER_SECOND if idle else WRITES_PER_SECOND):
        scene.hold(_until_a_bad_moment(scene) if idle else WRITING_SECONDS)
        scene.will_owe(RECOVER, DATABASE)
        lost_at = scene.fault(f"the data of {', '.join(servers(scene.settings))} are gone")
        lose_data(scene.settings)
        gone_at, gone = scene.timeline.now(), datetime.now(UTC)
        record, suggested = recover(scene.settings, scene.timeline.note)
        back_at = scene.timeline.now()
        scene.put_right(RECOVER)
        scene.wait_until_whole()
        judge_archiving_again(scene)
    judge_recovery(scene, record, suggested, back_at - lost_at)
    reached = record.notes["reached"]["last_transaction_at"]
    ended = gone - datetime.fromisoformat(reached)
    scene.figures["archive_ended_before_seconds"] = round(ended.total_seconds(), 2)
    judge_loss(scene, gone_at)
    judge_no_hole(scene)


def _until_a_bad_moment(scene: Scene) -> float:
    timeout = scene.settings.topology.backup.archive_timeout_seconds
    return max(0.0, timeout - JUST_BEFORE_SECONDS)


def judge_archiving_again(scene: Scene) -> None:
    """What is written after the recovery reaches the archive by itself, on the new timeline."""
    begun, wanted = scene.timeline.now(), current_segment(scene)
    scene.wait(
        lambda: archiver(scene).last >= wanted,
        f"segment {wanted} in the archive by itself",
        2 * ARCHIVED_SECONDS,
    )
    seconds = scene.timeline.now() - begun
    scene.timeline.note(f"segment {wanted} of the new timeline is archived")
    scene.figures["archived_again_after_seconds"] = round(seconds, 2)
    scene.verdict.at_most("the archive goes on by itself", seconds, ARCHIVED_SECONDS, "s")


def judge_recovery(scene: Scene, record: Record, suggested: Choice | None, seconds: float) -> None:
    """It knew what to do, did it, and left its record."""
    scene.figures |= {
        "recovery": record.id,
        "recovery_seconds": round(seconds, 2),
        "steps_seconds": {item.step: round(item.seconds or 0.0, 2) for item in record.attempts},
    }
    scene.verdict.judge(
        "`howdah recover` suggests the archive",
        suggested is not None and suggested.action == RESTORE,
        f"suggested: {suggested}",
    )
    scene.verdict.judge(
        "the database is recovered", record.outcome == RECOVERED, f"{record.id}: {record.outcome}"
    )


def judge_loss(scene: Scene, lost_at: float) -> None:
    """Of what was acknowledged before the loss only the last moments are missing."""
    compared, found = scene.compare(), scene.written()
    before = scene.ledger.acknowledged_until(lost_at)
    seconds = scene.ledger.seconds_lost(found, lost_at)
    gap = scene.ledger.outage(lost_at)
    scene.figures |= {
        "idle": scene.wishes.idle,
        "acknowledged_writes": compared.acknowledged,
        "acknowledged_before_the_loss": before,
        "lost_writes": len(compared.lost),
        "seconds_lost": round(seconds, 2),
        "duplicated_writes": len(compared.duplicated),
        "unknown_writes": compared.unknown,
        "failed_attempts": scene.ledger.failures(lost_at),
        "write_outage_seconds": None if gap is None else round(gap.seconds, 3),
    }
    scene.verdict.at_most(
        f"acknowledged writes are lost of the last moments only, {len(compared.lost)} of {before}",
        seconds if before else None,
        ARCHIVE_LOSS_SECONDS,
        "s",
    )
    later = scene.ledger.lost_after(found, lost_at)
    scene.verdict.judge(
        "no write is lost that was acknowledged after the recovery", not later, f"{len(later)}"
    )
    scene.verdict.judge(
        "no write happens twice", not compared.duplicated, f"{len(compared.duplicated)}"
    )
