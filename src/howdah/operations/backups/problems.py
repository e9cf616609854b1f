"""What is wrong with backups and archive, judged from what was seen. Pure.

Each rule says what, why it matters, and what to do. What could not be looked at is a problem of its
own: no rule takes silence for good news.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from howdah.operations.backups.figures import Problem
from howdah.operations.backups.gaps import Hole, Segment
from howdah.operations.backups.primary import PrimaryView
from howdah.operations.backups.repository import Repository
from howdah.operations.backups.restore_tests import RestoreTest
from howdah.operations.cluster.diagnosis import megabytes

MOST_NAMED = 3


@dataclass(frozen=True)
class Limits:
    """Beyond these something is wrong."""

    archive_seconds: float = 300.0
    """Between a write and its place in the archive. Usual is `backup.archive_timeout_seconds`."""
    backup_hours: float = 26.0
    """One a day, and two hours for it to be taken."""
    free_share: float = 0.2
    """Of the repository's disk."""
    disk_free_share: float = 0.1
    """Of the disk with PostgreSQL's data."""
    wal_factor: float = 2.0
    """pg_wal, in multiples of max_wal_size."""
    restore_test_days: float = 35.0
    """One a month, and a few days for it to be noticed."""


LIMITS = Limits()


@dataclass(frozen=True)
class Space:
    """What a disk has, in bytes, for who is not root."""

    free_bytes: int
    size_bytes: int

    @property
    def free_share(self) -> float:
        """Between 0 and 1."""
        return self.free_bytes / self.size_bytes if self.size_bytes else 0.0


@dataclass(frozen=True)
class Seen:
    """One look at everything. What could not be seen is None, and `troubles` says why."""

    moment: datetime
    repository: Repository | None = None
    holes: tuple[Hole, ...] | None = None
    primary: PrimaryView | None = None
    repository_space: Space | None = None
    disk_space: Space | None = None
    restore_test: RestoreTest | None = None
    since: datetime | None = None
    """When backups were first made possible here."""
    troubles: tuple[Problem, ...] = ()


def problems_of(seen: Seen, limits: Limits = LIMITS) -> Iterator[Problem]:
    """Everything that is wrong, what matters most first."""
    yield from seen.troubles
    yield from _another_database(seen)
    yield from _archive(seen, limits)
    yield from _failing(seen)
    yield from _holes(seen)
    yield from _backup(seen, limits)
    yield from _repository_space(seen, limits)
    yield from _wal(seen, limits)
    yield from _restore_test(seen, limits)


def _another_database(seen: Seen) -> Iterator[Problem]:
    repository, primary = seen.repository, seen.primary
    if repository is None or primary is None:
        return
    if repository.system_id != primary.system_id:
        yield Problem(
            "repository",
            "the repository holds the backups of another database "
            f"({repository.system_id}, not {primary.system_id}): nothing can be archived",
            "name another folder (or bucket) in backup.path, then `howdah up`",
        )
        return
    newest = repository.archive.newest
    if newest and newest.timeline > primary.timeline:
        yield Problem(
            "archive",
            f"the archive holds WAL of timeline {newest.timeline}, the primary is on timeline "
            f"{primary.timeline}: another server archives into this repository",
            "find it (a clone with archive_mode on?) and stop it; restores must name the timeline "
            "until then",
        )


def _archive(seen: Seen, limits: Limits) -> Iterator[Problem]:
    repository, primary = seen.repository, seen.primary
    if repository is None or primary is None:
        return
    for name in repository.archive.duplicates[:MOST_NAMED]:
        yield Problem(
            "archive",
            f"WAL segment {name} is in the archive twice with different contents: no restore gets "
            "beyond it",
            "two servers archived on one timeline; find out which of the two files is right, and "
            "take a backup",
        )
    newest = repository.archive.newest
    waiting = primary.waiting_bytes(newest)
    since = _lacking_since(repository, primary)
    if waiting and (seen.moment - since).total_seconds() > limits.archive_seconds:
        last = newest.name(primary.segment_bytes) if newest else "none"
        yield Problem(
            "archive",
            f"nothing was archived for {_ago(seen.moment - since)}, although {size(waiting)} of "
            f"WAL have been written since: a loss of the server now would lose them (newest "
            f"segment in the archive: {last})",
            "`howdah logs postgresql` says why when the archive_command fails; "
            "`SELECT pg_switch_wal()` when nothing waits to be archived",
        )


def _lacking_since(repository: Repository, primary: PrimaryView) -> datetime:
    """From when on the archive can be late: it has nothing to do while the server is down."""
    newest = repository.archive.newest
    archived = repository.archive.segments[newest] if newest else primary.started_at
    return max(archived, primary.started_at)


def _failing(seen: Seen) -> Iterator[Problem]:
    primary = seen.primary
    if primary is None or not primary.failing:
        return
    since = primary.succeeded_at or primary.started_at
    yield Problem(
        "archive",
        f"the primary cannot archive WAL segment {primary.failed_segment}: tried in vain, last at "
        f"{_clock(primary.failed_at)}, the last success was at {_clock(since)}; "
        f"{primary.waiting_segments} segments wait on the primary",
        "PostgreSQL goes on serving and keeps them; `howdah logs postgresql` says why it fails. "
        "It tries again by itself",
    )


def _holes(seen: Seen) -> Iterator[Problem]:
    for hole in (seen.holes or ())[:MOST_NAMED]:
        first, last = hole.names(seen.primary.segment_bytes if seen.primary else 16 << 20)
        what = (
            f"WAL segment {first} is"
            if hole.count == 1
            else f"{hole.count} WAL segments, {first} to {last}, are"
        )
        yield Problem(
            "gaps",
            f"{what} missing in the archive: a restore from a backup before it ends there, and "
            f"says nothing ({_backups_before(seen, hole)})",
            "`howdah backup take` now: what comes after it can be restored then. This is reported "
            "until the backups before the hole have expired",
        )


def _backups_before(seen: Seen, hole: Hole) -> str:
    assert seen.repository is not None
    first = Segment(hole.timeline, hole.first)
    after = [item.label for item in seen.repository.needs if item.first.number > first.number]
    return f"backups after it: {', '.join(after)}" if after else "there is no backup after it"


def _backup(seen: Seen, limits: Limits) -> Iterator[Problem]:
    if seen.repository is None:
        return
    if not seen.repository.backups:
        yield Problem(
            "backup", "there is no backup: nothing can be restored", "`howdah backup take`"
        )
        return
    newest = seen.repository.backups[-1]
    age = seen.moment - newest.ended
    if age > timedelta(hours=limits.backup_hours):
        yield Problem(
            "backup",
            f"the newest backup is {_ago(age)} old ({newest.label}); one should be taken every day",
            "`howdah backup take`; `howdah logs ops-worker` says why the daily one was not taken",
        )
    for item in seen.repository.backups:
        if item.damaged:
            yield Problem(
                "backup",
                f"backup {item.label} holds pages that failed their checksum: the database itself "
                "was damaged when it was taken",
                f"`howdah backup verify` names the files of {item.label}; restore from an older "
                "backup with all WAL since",
            )


def _repository_space(seen: Seen, limits: Limits) -> Iterator[Problem]:
    space = seen.repository_space
    if space is None:
        return
    newest = seen.repository.backups[-1] if seen.repository and seen.repository.backups else None
    wanted = 2 * newest.repository_bytes if newest else 0
    if space.free_bytes < wanted:
        why = f"less than twice the newest backup ({size(wanted)})"
    elif space.free_share < limits.free_share:
        why = f"{space.free_share:.0%}, less than {limits.free_share:.0%}"
    else:
        return
    yield Problem(
        "space",
        f"the repository's disk has {size(space.free_bytes)} left, {why}",
        "make room or enlarge it; a full repository stops the archive, not PostgreSQL",
    )


def _wal(seen: Seen, limits: Limits) -> Iterator[Problem]:
    primary, disk = seen.primary, seen.disk_space
    if primary is not None and primary.wal_bytes > limits.wal_factor * primary.max_wal_bytes:
        why = (
            f"{primary.waiting_segments} segments wait to be archived{_room(seen)}"
            if primary.waiting_segments
            else "a replication slot may hold it"
        )
        yield Problem(
            "wal",
            f"pg_wal has grown to {size(primary.wal_bytes)}: {why}",
            "mend the archive, or look for a slot that nobody reads: "
            "SELECT slot_name, restart_lsn FROM pg_replication_slots",
        )
    if disk is not None and disk.free_share < limits.disk_free_share:
        yield Problem(
            "wal",
            f"the disk with PostgreSQL's data has {size(disk.free_bytes)} left "
            f"({disk.free_share:.0%}); PostgreSQL stops when it is full",
            "make room or enlarge it; never delete files in pg_wal",
        )


def _room(seen: Seen) -> str:
    """How long the disk lasts at the pace at which segments pile up."""
    primary, disk = seen.primary, seen.disk_space
    if primary is None or disk is None or primary.waiting_since is None:
        return ""
    seconds = (seen.moment - primary.waiting_since).total_seconds()
    if seconds < 60:
        return ""
    pace = primary.waiting_segments * primary.segment_bytes / seconds
    left = _ago(timedelta(seconds=disk.free_bytes / pace))
    return f"; at this pace the disk is full in {left}"


def _restore_test(seen: Seen, limits: Limits) -> Iterator[Problem]:
    test, hint = seen.restore_test, "`howdah backup verify --restore`"
    if test is not None and not test.passed:
        yield Problem(
            "restore_test",
            f"the restore test of {_clock(test.moment)} failed: {test.failure}",
            f"{test.path} has the details; {hint} once that is mended",
        )
    limit = timedelta(days=limits.restore_test_days)
    before = test.moment if test else seen.since
    if before is not None and seen.moment - before > limit:
        what = "the newest restore test is" if test else "no backup was ever restored in a test, in"
        yield Problem(
            "restore_test", f"{what} {_ago(seen.moment - before)}{' old' if test else ''}", hint
        )


def _clock(moment: datetime | None) -> str:
    return "?" if moment is None else f"{moment:%Y-%m-%d %H:%M:%S}Z"


def _ago(span: timedelta) -> str:
    seconds = span.total_seconds()
    for limit, divisor, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds / divisor:.0f} {unit}"
    return f"{seconds / 86400:.0f} days"


def size(count: int) -> str:
    """Bytes for people, gigabytes too."""
    return megabytes(count) if count < 10 << 30 else f"{count / (1 << 30):.0f} GB"
