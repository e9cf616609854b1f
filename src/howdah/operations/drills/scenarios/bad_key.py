"""Every pgBackRest gets a passphrase that is not the repository's."""

import json
from collections.abc import Callable

from howdah.foundation.errors import HowdahError
from howdah.operations.backups.program import pgbackrest
from howdah.operations.backups.stanza import make_stanza
from howdah.operations.backups.take import take_backup
from howdah.operations.cluster.reporting import silent
from howdah.operations.drills.archive import (
    archiver,
    close_segment,
    require_archiving,
    wait_archived,
    wait_told,
)
from howdah.operations.drills.damage import spoil_passphrase
from howdah.operations.drills.limits import TOLD_SECONDS, WRITES_GO_ON_SECONDS
from howdah.operations.drills.repairs import REKEY
from howdah.operations.drills.scenarios.repository_loss import judge_healed
from howdah.operations.drills.scene import Scene

SEGMENTS = 2
PAUSE_SECONDS = 1.0
PGBACKREST = "pgBackRest"


def run(scene: Scene) -> None:
    """Archiving and backups fail loudly, nothing in the repository is touched, and it heals."""
    require_archiving(scene)
    with scene.writing():
        before = files_of(scene)
        scene.will_owe(REKEY, PGBACKREST)
        spoiled_at = scene.fault("every pgBackRest gets a wrong passphrase")
        spoil_passphrase(scene.settings)
        for _ in range(SEGMENTS):
            close_segment(scene)
            scene.hold(PAUSE_SECONDS)
        wait_told(scene, TOLD_SECONDS, "repository", "archive")
        told_at = scene.timeline.now()
        judge_refusals(scene)
        waiting = archiver(scene).waiting
        touched = changes(before, files_of(scene))
        back_at = scene.put_right(REKEY)
        wait_archived(scene, close_segment(scene))
        healed_at = scene.timeline.now()
    scene.verdict.judge(
        "nothing in the repository is overwritten or deleted",
        bool(before) and not touched,
        ", ".join(touched[:3]) or f"{len(before)} files as before",
    )
    judge_healed(scene, told_at - spoiled_at, healed_at - back_at, waiting)
    scene.judge_writes(outage_at_most=WRITES_GO_ON_SECONDS)


def judge_refusals(scene: Scene) -> None:
    """A backup and a new stanza are refused, in a sentence."""
    settings = scene.settings
    attempts: dict[str, Callable[[], object]] = {
        "a backup with the wrong key fails": lambda: take_backup(settings, "full", silent),
        "no repository is made over the one that cannot be read": lambda: make_stanza(settings),
    }
    for promise, attempt in attempts.items():
        try:
            attempt()
        except HowdahError as failure:
            said = failure.message.partition("\n")[0]
            scene.verdict.judge(promise, kept=True, found=said)
        else:
            scene.verdict.judge(promise, kept=False, found="it said that it worked")


def files_of(scene: Scene) -> dict[str, tuple[int, int]]:
    """Every file of the repository with its size and when it was changed; no key is needed."""
    listed = json.loads(
        pgbackrest(scene.settings, "repo-ls", "--recurse", "--sort=none", "--output=json")
    )
    return {
        name: (item["size"], item["time"])
        for name, item in listed.items()
        if item["type"] == "file"
    }


def changes(before: dict[str, tuple[int, int]], after: dict[str, tuple[int, int]]) -> list[str]:
    """The files of before that are gone or different."""
    return sorted(name for name, seen in before.items() if after.get(name) != seen)
