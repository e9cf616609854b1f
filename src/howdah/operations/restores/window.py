"""Whether a target can be restored, from which backup, and if not, what can: asked before anything
is written.

PostgreSQL itself looks for the target while it replays, and takes the end of the archive for the
end of everything: a hole ends a recovery as if it were complete. So the way is worked out first.
"""

import time
from dataclasses import dataclass
from datetime import datetime

import psycopg

from howdah.foundation.errors import InvalidInput, Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import DEFAULT_SEGMENT_BYTES, Segment, parse_lsn
from howdah.operations.backups.listing import Backup
from howdah.operations.cluster.reporting import Report, silent
from howdah.operations.restores.past import (
    Past,
    backup_named,
    complete_at,
    look_back,
    needs_of,
    wants_everything,
)
from howdah.operations.restores.target import (
    LATEST,
    LSN,
    NAME,
    TIME,
    XID,
    Target,
    lsn_text,
    moment_text,
)
from howdah.operations.restores.wal import WalReader
from howdah.operations.restores.waldump import Record, Transaction, last_transaction
from howdah.operations.roles.catalog import BACKUP
from howdah.operations.roles.connect import connect_directly

SWITCH = "SELECT pg_walfile_name(pg_switch_wal()), now()"
ARCHIVED = """
    SELECT last_archived_wal >= %s, coalesce(last_failed_time > %s, false) FROM pg_stat_archiver
"""
ARCHIVE_SECONDS = 30.0
POLL_SECONDS = 0.2
UNPACKED = 8
"""How much larger WAL is than what the repository keeps of it, at most and roughly."""


class OutsideWindow(InvalidInput):
    """That cannot be restored: it lies outside of what the backups and the archive hold."""


@dataclass(frozen=True)
class Window:
    """The moments that can be restored on a timeline, holes aside."""

    timeline: int
    first: datetime | None
    last: datetime | None
    """The last commit in the archive."""
    holes: tuple[str, ...] = ()
    """Each in words."""

    def __str__(self) -> str:
        text = f"from {moment_text(self.first)} to just before {moment_text(self.last)}"
        return "; ".join((text, *self.holes))


@dataclass(frozen=True)
class Course:
    """How a target is reached."""

    target: Target
    backup: Backup
    timeline: int
    segments: tuple[Segment, ...]
    """The archive from the backup's first segment on, without a hole."""
    last: Transaction | None
    """The last commit in them; None when it was not looked for."""
    system_id: str
    wal_bytes: int
    """Roughly what of it is to be replayed, at most."""
    window: Window

    segment_bytes: int = DEFAULT_SEGMENT_BYTES

    @property
    def end_lsn(self) -> int:
        """Where the archive ends."""
        return (self.segments[-1].number + 1) * self.segment_bytes


def window_of(settings: Settings, timeline: int | None = None) -> Window:
    """What can be restored. Raises BackupProgramFailed, CommandFailed."""
    past = look_back(settings, timeline)
    with WalReader(settings, past.repository.system_id) as reader:
        return _window(past, reader)


def find_course(
    settings: Settings,
    target: Target,
    *,
    label: str | None = None,
    timeline: int | None = None,
    report: Report = silent,
) -> Course:
    """How to get there. `label`: the backup to use; else the newest that ended before the target.

    What the running primary has not archived yet is archived first when the target may lie in it.
    Raises OutsideWindow that says what can be restored; InvalidInput, CommandFailed.
    """
    if target.kind == LATEST:
        archive_now(settings, report)
    try:
        return _course(settings, target, label, timeline, report)
    except OutsideWindow:
        if not wants_everything(target) or target.kind == LATEST or not archive_now(settings):
            raise
    return _course(settings, target, label, timeline, report)


def archive_now(settings: Settings, report: Report = silent) -> bool:
    """Have the primary close its segment and archive it; whether it did."""
    try:
        with connect_directly(settings, BACKUP, "postgres") as connection:
            segment = connection.execute(SWITCH).fetchone()
            deadline = time.monotonic() + ARCHIVE_SECONDS
            while segment and time.monotonic() < deadline:
                archived, failed = connection.execute(ARCHIVED, segment).fetchone() or (False, True)
                if archived:
                    return True
                if failed:  # and goes on failing: at night nobody waits for it
                    break
                time.sleep(POLL_SECONDS)
    except (Unavailable, psycopg.Error):
        return False  # it is down, or nobody's primary: then the archive is what there is
    report("the primary does not archive; what it wrote last is not in the archive")
    return False


def _course(
    settings: Settings, target: Target, label: str | None, timeline: int | None, report: Report
) -> Course:
    past = look_back(settings, timeline)
    with WalReader(settings, past.repository.system_id) as reader:
        located = None if label else _located(past, reader, target, report)
        backup = backup_named(past, label) if label else _backup(past, reader, target, located)
        segments, missing = past.after(backup)
        if not segments or segments[-1].number < needs_of(backup).last.number:
            raise OutsideWindow(
                f"the backup {backup.label} cannot be used: WAL that it needs for itself is "
                f"missing, segment {missing.name() if missing else backup.wal_start}",
                hint=f"what can be restored: {_window(past, reader)}",
            )
        if missing and target.kind == LATEST:
            raise _meets_hole(past, reader, backup, segments, missing)
        last = _last(reader, segments)
        window = _window(past, reader, last if not missing else None)
        _require_inside(target, located, backup, segments, last, window)
    return Course(
        target=target,
        backup=backup,
        timeline=past.timeline,
        segments=segments,
        last=last,
        system_id=past.repository.system_id,
        wal_bytes=_wal_bytes(past, segments),
        window=window,
    )


def _located(past: Past, reader: WalReader, target: Target, report: Report) -> Record | None:
    """Where a transaction or a restore point is in the archive. Raises OutsideWindow."""
    if target.kind not in {XID, NAME}:
        return None
    path = past.path()
    told = time.monotonic()
    for number, (_, records) in enumerate(reader.newest_first(path), start=1):
        for record in reversed(records):
            if _is(record, target):
                return record
        if time.monotonic() - told > 5:
            told = time.monotonic()
            report(f"looking for {target}: {number} of {len(path)} segments read")
    raise OutsideWindow(
        f"{target} is not in the archive", hint=f"what can be restored: {_window(past, reader)}"
    )


def _is(record: Record, target: Target) -> bool:
    if isinstance(record, Transaction):
        return target.kind == XID and record.xid == target.xid
    return target.kind == NAME and record.name == target.name


def _backup(past: Past, reader: WalReader, target: Target, located: Record | None) -> Backup:
    lsn = located.lsn if located else target.lsn
    backup = past.newest_before(target.moment, lsn)
    if backup is None:
        raise OutsideWindow(
            f"{target} lies before the oldest backup was complete",
            hint=f"what can be restored: {_window(past, reader)}",
        )
    return backup


def _meets_hole(
    past: Past, reader: WalReader, backup: Backup, segments: tuple[Segment, ...], missing: Segment
) -> OutsideWindow:
    last = _last(reader, segments)
    return OutsideWindow(
        f"the archive has a hole: WAL segment {missing.name()} is missing after the backup "
        f"{backup.label}, and what came later cannot be reached",
        hint=f"what can be restored: {_window(past, reader)}; the last transaction before the hole "
        f"is {last}: name its time, and see what is lost",
    )


def _require_inside(  # noqa: PLR0913, PLR0917  (what it is judged by)
    target: Target,
    located: Record | None,
    backup: Backup,
    segments: tuple[Segment, ...],
    last: Transaction | None,
    window: Window,
) -> None:
    """PostgreSQL must meet a commit beyond a moment to know that it has passed it."""
    end = (segments[-1].number + 1) * DEFAULT_SEGMENT_BYTES
    lsn = located.lsn if located else target.lsn
    hint = f"what can be restored: {window}; `--to latest` restores all there is"
    if target.kind == TIME and target.moment is not None:
        beyond = last is None or target.moment > last.moment
        if beyond or (last and target.moment == last.moment and not target.before):
            raise OutsideWindow(
                f"{target} lies after the last transaction in the archive", hint=hint
            )
        if target.moment < complete_at(backup):
            raise OutsideWindow(f"{target} lies before {backup.label} was complete", hint=hint)
    if lsn is not None and lsn >= end:
        raise OutsideWindow(f"{target} lies after the end of the archive", hint=hint)
    if target.kind == LSN and lsn is not None and lsn < parse_lsn(backup.lsn_stop):
        raise OutsideWindow(f"{target} lies before {backup.label} was complete", hint=hint)


def _window(past: Past, reader: WalReader, known: Transaction | None = None) -> Window:
    """`known`: the last commit of the archive, when that is known already."""
    path = past.path()
    last = known or _last(reader, path)
    holes = tuple(
        f"not what follows the hole from segment {first} to {end} until the next backup"
        for first, end in (hole.names() for hole in past.holes)
    )
    return Window(past.timeline, past.first, last.moment if last else None, holes)


def _last(reader: WalReader, segments: tuple[Segment, ...]) -> Transaction | None:
    for _, records in reader.newest_first(segments):
        if found := last_transaction(records):
            return found
    return None


def _wal_bytes(past: Past, segments: tuple[Segment, ...]) -> int:
    """An idle server's segments are nearly empty, which their size in the repository shows."""
    archive = past.repository.archive
    kept = archive.stored_bytes / max(1, len(archive.segments))
    return int(len(segments) * min(DEFAULT_SEGMENT_BYTES, kept * UNPACKED))


def describe_course(course: Course) -> str:
    """In words, for who is about to restore."""
    end = lsn_text(course.end_lsn)
    return (
        f"backup {course.backup.label} of {moment_text(course.backup.ended)}, timeline "
        f"{course.timeline}, then {len(course.segments)} segments of WAL, to {course.target} "
        f"(the archive ends at {end})"
    )
