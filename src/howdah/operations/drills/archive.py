"""The archive of WAL as drills see it: closed segments, what waits, what `backup check` says."""

import time
from dataclasses import dataclass

from howdah.foundation.errors import CommandFailed
from howdah.operations.backups.check import check_backups
from howdah.operations.backups.figures import Check, Problem
from howdah.operations.backups.gaps import find_holes
from howdah.operations.backups.listing import Backup, backups_of
from howdah.operations.backups.repository import Archive, look_at_repository, read_history
from howdah.operations.backups.take import take_backup
from howdah.operations.drills.scene import Scene
from howdah.operations.drills.wholeness import NotWhole
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly

ARCHIVED_WITHIN_SECONDS = 90.0
"""PostgreSQL tries again at least once a minute."""
LOOK_SECONDS = 0.2
EMIT = "SELECT pg_logical_emit_message(true, 'howdah drill', 'a segment is closed')"
CLOSE = "SELECT pg_walfile_name(pg_switch_wal())"
ARCHIVER = """
SELECT
    coalesce(archiver.last_archived_wal, ''),
    archiver.failed_count::integer,
    (SELECT count(*) FROM pg_ls_archive_statusdir() WHERE name LIKE '%%.ready')::integer
FROM pg_stat_archiver archiver
"""


@dataclass(frozen=True)
class Archiver:
    """The primary's own account: the last segment archived, failed attempts, segments that wait."""

    last: str
    failed: int
    waiting: int


def archiver(scene: Scene) -> Archiver:
    """What the primary says now. Raises Unavailable."""
    with connect_directly(scene.settings, SUPERUSER) as connection:
        row = connection.execute(ARCHIVER).fetchone()
    assert row is not None
    return Archiver(*row)


def close_segment(scene: Scene) -> str:
    """Have the primary finish its WAL segment, which is never empty; returns its name."""
    with connect_directly(scene.settings, SUPERUSER) as connection:
        connection.execute(EMIT)
        row = connection.execute(CLOSE).fetchone()
    assert row is not None
    return str(row[0])


def current_segment(scene: Scene) -> str:
    """The WAL segment that the primary writes to now, once it has written to it."""
    with connect_directly(scene.settings, SUPERUSER) as connection:
        connection.execute(EMIT)
        row = connection.execute("SELECT pg_walfile_name(pg_current_wal_lsn())").fetchone()
    assert row is not None
    return str(row[0])


def wait_archived(scene: Scene, segment: str) -> None:
    """Until PostgreSQL was told that the segment, and all before it, are in the archive."""
    scene.wait(
        lambda: archiver(scene).last >= segment,
        f"segment {segment} in the archive",
        ARCHIVED_WITHIN_SECONDS,
    )


def require_archiving(scene: Scene) -> Backup:
    """An archive that works to begin with, and a backup; one is taken when there is none.

    Raises NotWhole: what was broken before proves nothing.
    """
    if broken := problem_of(scene, *BROKEN):
        raise NotWhole(f"{TO_BEGIN_WITH}: {broken.sentence}", hint=broken.hint)
    try:
        wait_archived(scene, close_segment(scene))
    except CommandFailed as failure:
        raise NotWhole(
            f"{TO_BEGIN_WITH}: {failure.message}", hint="`howdah backup check` says why"
        ) from failure
    newest = backups_of(scene.settings).newest
    return newest or take_backup(scene.settings, "full", scene.timeline.note)


TO_BEGIN_WITH = "the archive was broken to begin with"
BROKEN = ("repository", "archive", "gaps", "primary")
"""Kinds of problems with which a drill cannot begin."""


def problem_of(scene: Scene, *kinds: str) -> Problem | None:
    """What `backup check` says now about these."""
    found: Check = check_backups(scene.settings)
    return next((item for item in found.problems if item.kind in kinds), None)


def wait_told(scene: Scene, patience_seconds: float, *kinds: str) -> Problem:
    """Until `backup check` tells of it; returns what it says, noted in the timeline."""
    deadline = time.monotonic() + patience_seconds
    while (problem := problem_of(scene, *kinds)) is None:
        if time.monotonic() > deadline:
            raise CommandFailed(f"`backup check` does not tell of it within {patience_seconds:g} s")
        time.sleep(LOOK_SECONDS)
    scene.timeline.note(f"`backup check`: {problem.sentence}")
    return problem


def present_archive(scene: Scene) -> Archive:
    """The archive, read out of the repository."""
    return look_at_repository(scene.settings).archive


def judge_no_hole(scene: Scene) -> None:
    """The archive has everything from the oldest backup to now, read out of the repository."""
    repository = look_at_repository(scene.settings)
    archive = repository.archive
    line = archive.timeline
    histories = {line: read_history(scene.settings, archive, line)}
    holes = find_holes(archive.segments, histories, repository.needs, line)
    scene.figures["segments_in_the_archive"] = len(archive.segments)
    scene.figures["holes"] = len(holes)
    newest = archive.newest.name() if archive.newest else "none"
    missing = ", ".join(f"{hole.count} from {hole.names()[0]}" for hole in holes)
    scene.verdict.judge(
        "the archive has no gap",
        bool(archive.segments) and not holes,
        missing or f"{len(archive.segments)} segments, the newest {newest}",
    )
