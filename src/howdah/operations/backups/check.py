"""Look at backups and archive: in the repository itself, and at the primary."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from howdah.foundation.errors import HowdahError, Unavailable
from howdah.foundation.rendering.pgbackrest import repository_path
from howdah.foundation.secrets import secret_file
from howdah.foundation.settings import Settings
from howdah.operations.backups.figures import Check, Figures, Problem
from howdah.operations.backups.gaps import Hole, find_holes
from howdah.operations.backups.primary import PrimaryView, ask_primary
from howdah.operations.backups.problems import Seen, Space, problems_of
from howdah.operations.backups.program import require_backups
from howdah.operations.backups.repository import (
    Archive,
    Repository,
    look_at_repository,
    read_history,
)
from howdah.operations.backups.restore_tests import last_restore_test

Found = TypeVar("Found")


def check_backups(settings: Settings) -> Check:
    """Everything that can be seen within seconds, judged. Raises BackupsDisabled only.

    What cannot be looked at is among the problems.
    """
    require_backups(settings)
    return judged(look(settings))


def judged(seen: Seen) -> Check:
    """What was seen, with what is wrong with it. Pure."""
    return Check(seen.moment, tuple(problems_of(seen)), figures_of(seen))


def look(settings: Settings, remembered: Archive | None = None) -> Seen:
    """Repository, primary, disks and restore tests as they are now.

    `remembered`: as look_at_repository takes it.
    """
    troubles: list[Problem] = []
    repository = _tried("repository", lambda: look_at_repository(settings, remembered), troubles)
    primary = _tried("primary", lambda: ask_primary(settings), troubles)
    seen = Seen(
        moment=datetime.now(UTC),
        repository=repository,
        primary=primary,
        holes=_tried("gaps", lambda: _holes(settings, repository, primary), troubles),
        disk_space=_tried("wal", lambda: space_of(settings.layout.data), troubles),
        restore_test=last_restore_test(settings),
        since=_since(settings),
    )
    if settings.topology.backup.repository == "posix":
        folder = Path(repository_path(settings.topology, settings.layout))
        seen = replace(seen, repository_space=_tried("space", lambda: space_of(folder), troubles))
    return replace(seen, troubles=tuple(troubles))


def _tried(kind: str, ask: Callable[[], Found], troubles: list[Problem]) -> Found | None:
    """What it answers; None when it could not, with the reason among the troubles."""
    try:
        return ask()
    except HowdahError as failure:
        troubles.append(Problem(kind, failure.message, failure.hint or ""))
        return None


def _holes(
    settings: Settings, repository: Repository | None, primary: PrimaryView | None
) -> tuple[Hole, ...] | None:
    """None when the repository cannot be read, which is told already."""
    if repository is None:
        return None
    archive = repository.archive
    current = archive.timeline
    # A primary just promoted has archived nothing yet, not even its history.
    if primary is not None and primary.timeline in archive.histories | {1}:
        current = primary.timeline
    history = read_history(settings, archive, current)
    return find_holes(archive.segments.keys(), {current: history}, repository.needs, current)


def space_of(folder: Path) -> Space:
    """The disk that a folder is on, as `df` counts it. Raises Unavailable."""
    try:
        found = os.statvfs(folder)
    except OSError as problem:
        raise Unavailable(
            f"the space of {folder} cannot be looked at: {problem.strerror}",
            hint="is the disk mounted, and may this user look into it?",
        ) from problem
    used = found.f_blocks - found.f_bfree
    free = found.f_bavail * found.f_frsize
    return Space(free, used * found.f_frsize + free)


def _since(settings: Settings) -> datetime | None:
    """When backups were first made possible here: the repository's key dates from then."""
    try:
        modified = secret_file(settings.home, "repository_key").stat().st_mtime
    except OSError:
        return None
    return datetime.fromtimestamp(modified, UTC)


def figures_of(seen: Seen) -> Figures:
    """What was seen as values. Pure."""
    found = Figures()
    if seen.repository is not None:
        found = _of_repository(found, seen.repository)
    if seen.holes is not None:
        missing = sum(hole.count for hole in seen.holes)
        found = replace(found, gaps=len(seen.holes), missing_segments=missing)
    if seen.primary is not None:
        newest = seen.repository.archive.newest if seen.repository else None
        found = _of_primary(found, seen.primary)
        if seen.repository is not None:
            found = replace(found, waiting_bytes=seen.primary.waiting_bytes(newest))
    if space := seen.repository_space:
        found = replace(
            found, repository_free_bytes=space.free_bytes, repository_size_bytes=space.size_bytes
        )
    if disk := seen.disk_space:
        found = replace(found, disk_free_bytes=disk.free_bytes, disk_size_bytes=disk.size_bytes)
    return found


def _of_repository(found: Figures, repository: Repository) -> Figures:
    newest = repository.backups[-1] if repository.backups else None
    archive = repository.archive
    return replace(
        found,
        backups=len(repository.backups),
        newest_backup=newest.label if newest else None,
        newest_backup_at=newest.ended if newest else None,
        newest_backup_bytes=newest.repository_bytes if newest else None,
        earliest=repository.backups[0].ended if newest else None,
        segments=len(archive.segments),
        newest_segment=archive.newest.name() if archive.newest else None,
        archived_at=archive.segments[archive.newest] if archive.newest else None,
        stored_bytes=repository.stored_bytes,
    )


def _of_primary(found: Figures, primary: PrimaryView) -> Figures:
    return replace(
        found,
        waiting_segments=primary.waiting_segments,
        waiting_since=primary.waiting_since,
        failed_archivings=primary.failed_archivings,
        wal_bytes=primary.wal_bytes,
    )
