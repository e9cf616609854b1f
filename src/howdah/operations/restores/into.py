"""A restore into a folder of its own, beside whatever runs: from the checks to the report."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from howdah.foundation.errors import HowdahError
from howdah.foundation.evidence import keep_evidence
from howdah.foundation.processes.run import run
from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import DEFAULT_SEGMENT_BYTES, Segment
from howdah.operations.backups.program import WHOLE_DAY_SECONDS, pgbackrest
from howdah.operations.cluster.reporting import Report, silent
from howdah.operations.restores import clone
from howdah.operations.restores.folder import (
    COMPLETE,
    FAILED,
    RECOVERING,
    RESTORING,
    RestoreFolder,
    folder_bytes,
    make_folder,
    read_note,
    write_note,
)
from howdah.operations.restores.preflight import Place, check_all
from howdah.operations.restores.report import RestoreReport, neighbours, reached_lsn
from howdah.operations.restores.serverlog import LogReader, Recovered
from howdah.operations.restores.target import LATEST, Target, recovery_options
from howdah.operations.restores.wal import WalReader
from howdah.operations.restores.window import Course, describe_course, find_course

KIND = "restores"
LOOK_SECONDS = 0.5
DEFAULT_PORT_DISTANCE = 99

Show = Callable[[str, int, int], None]
"""Told now and then: what is done, how many bytes of it are, and how many there will be."""


def show_nothing(_: str, __: int, ___: int) -> None:
    """Nobody looks."""


@dataclass(frozen=True)
class RestorePlan:
    """What is wanted."""

    target: Target
    folder: Path
    start: bool = False
    """Leave the server running, on `port` of the loopback interface."""
    port: int = 0
    """0: `ports.base` + 99."""
    label: str | None = None
    """The backup to begin with; None: the newest that ended before the target."""
    timeline: int | None = None
    """None: that of the running primary, else the newest in the archive."""
    again: bool = False
    """Delete a finished restore that is in the folder."""
    within_home: bool = False
    """The folder is one of the installation's own; its server is reached by its socket alone."""

    def place(self, settings: Settings) -> Place:
        """Where the restored database shall live."""
        port = self.port or settings.topology.ports.base + DEFAULT_PORT_DISTANCE
        folder = RestoreFolder(self.folder.absolute())
        listens = self.start and not self.within_home
        return Place(folder, port, listens, self.again, self.within_home)


@dataclass
class _Work:
    """A restore under way."""

    settings: Settings
    plan: RestorePlan
    course: Course
    server: clone.CloneServer
    report: Report
    show: Show
    seconds: dict[str, float] = field(default_factory=dict)

    @property
    def folder(self) -> RestoreFolder:
        return self.server.folder

    def note(self, state: str, **facts: Any) -> None:
        write_note(self.folder, state, self._facts() | facts)

    def _facts(self) -> dict[str, Any]:
        return {
            "target": str(self.course.target),
            "backup": self.course.backup.label,
            "source_timeline": self.course.timeline,
            "begun_at": self._begun_at,
        }

    def __post_init__(self) -> None:
        self._begun_at = datetime.now(UTC).isoformat(timespec="seconds")

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - begun, 3)


def restore_into(
    settings: Settings, plan: RestorePlan, report: Report = silent, show: Show = show_nothing
) -> RestoreReport:
    """Restore, recover, and say where it ended; evidence is kept under `restores`.

    Checks everything before it writes anything. What an interrupted restore left in the folder is
    said, and used only as far as its checksums are right. Raises OutsideWindow, CannotRestore,
    BackupProgramFailed, RecoveryFailed.
    """
    place = plan.place(settings)

    def find() -> Course:
        return find_course(
            settings, plan.target, label=plan.label, timeline=plan.timeline, report=report
        )

    course = check_all(find, settings, place)
    server = clone.CloneServer(place.folder, place.port, place.listens)
    work = _Work(settings, plan, course, server, report, show)
    _tell_what_is_there(work)
    report(describe_course(course))
    found = _restored(work)
    document = found.as_data() | {"stanza_system_id": course.system_id}
    if not plan.within_home:
        keep_evidence(settings.layout.evidence / KIND, "restore", document)
    return found


def _tell_what_is_there(work: _Work) -> None:
    note = read_note(work.folder)
    if note is None:
        return
    if note.state == COMPLETE:
        work.report(f"{note}, is deleted")
        clone.stop(work.server, "immediate")
        run(["rm", "-rf", str(work.folder.data)])
        return
    work.report(
        f"{note}, was left unfinished here ({note.state}): it begins anew, and of its files only "
        "those are kept whose checksums are right"
    )
    clone.stop(work.server, "immediate")


def _restored(work: _Work) -> RestoreReport:
    make_folder(work.folder)
    work.note(RESTORING)
    try:
        with work.phase("restore"), _shown_growing(work):
            _copy(work)
        work.note(RECOVERING)
        recovered = _recover(work)
        report = _reported(work, recovered)
        if not work.plan.start:
            clone.stop(work.server)
    except BaseException as problem:
        _give_up(work, problem)
        raise
    work.note(COMPLETE, report=report.as_data())
    return report


def _give_up(work: _Work, problem: BaseException) -> None:
    """Leave nothing running, and say that what is here is not to be trusted."""
    with contextlib.suppress(OSError, HowdahError):  # a full disk must not hide the problem itself
        clone.stop(work.server, "immediate")
        work.note(FAILED, problem=str(problem) or type(problem).__name__)


def _copy(work: _Work) -> None:
    """Have pgBackRest write the backup's files."""
    folder, course = work.folder, work.course
    begun = any((folder.data / name).exists() for name in ("PG_VERSION", "backup.manifest"))
    options = [
        f"--pg1-path={folder.data}",
        f"--lock-path={folder.sockets}",
        f"--tablespace-map-all={folder.tablespaces}",
        f"--set={course.backup.label}",
        "--archive-mode=off",
        *recovery_options(course.target, course.timeline),
    ]
    if begun:
        options.append("--delta")
    elif any(folder.data.iterdir()):  # an earlier one ended before it had written anything useful
        run(["find", str(folder.data), "-mindepth", "1", "-delete"])
    pgbackrest(work.settings, "restore", *options, timeout_seconds=WHOLE_DAY_SECONDS)
    clone.drop_foreign_settings(folder)


@contextmanager
def _shown_growing(work: _Work) -> Iterator[None]:
    """Look at the folder while it fills."""
    done = threading.Event()

    def look() -> None:
        while not done.wait(LOOK_SECONDS):
            work.show("restore", folder_bytes(work.folder.data), work.course.backup.database_bytes)

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


def _recover(work: _Work) -> Recovered:
    """Start the server, and wait until it has replayed what it should and takes writes."""
    folder = work.folder
    folder.log.unlink(missing_ok=True)
    clone.configure(work.settings, work.server)
    begun = datetime.now(UTC)
    clone.start(work.server)
    total = len(work.course.segments) * DEFAULT_SEGMENT_BYTES

    def show(found: Recovered) -> None:
        work.show("replay", min(found.segments * DEFAULT_SEGMENT_BYTES, total), total)

    found = clone.await_promotion(work.server, LogReader(folder.log), show)
    ended = datetime.now(UTC)
    redo_begun, redo_ended = found.redo_begun or ended, found.redo_ended or ended
    work.seconds["start"] = round(max(0.0, (redo_begun - begun).total_seconds()), 3)
    work.seconds["replay"] = round(found.replay_seconds, 3)
    work.seconds["promote"] = round(max(0.0, (ended - redo_ended).total_seconds()), 3)
    require_reached(work.course, found)
    clone.forget_recovery(work.server)
    return found


def require_reached(course: Course, found: Recovered) -> None:
    """A recovery that ended is not yet one that ended where it should. Raises RecoveryFailed."""
    damage = "".join(f"\n  {line}" for line in found.damage)
    if course.target.kind != LATEST:
        if not found.stopping:
            raise clone.RecoveryFailed(
                f"the recovery ended without having met {course.target}:{damage or ' no reason is'}"
                f"{'' if damage else ' given'}"
            )
        return
    newest = Segment.named(found.newest_segment).number if found.newest_segment else -1
    wanted = course.segments[-1]
    behind = course.last is not None and (found.last_record_lsn or 0) < course.last.lsn
    if newest < wanted.number or behind:
        raise clone.RecoveryFailed(
            f"the recovery ended early, at segment {found.newest_segment or 'none'}, and the "
            f"archive reaches to {wanted.name()} with {course.last}{damage}",
            hint="`howdah backup check` looks for holes, `howdah backup verify` for damage",
            segment=found.newest_segment,
        )


def _reported(work: _Work, recovered: Recovered) -> RestoreReport:
    course, folder = work.course, work.folder
    lsn = reached_lsn(folder.data, recovered)
    with WalReader(work.settings, course.system_id) as reader:
        last, following = neighbours(reader, course, lsn)
    return RestoreReport(
        target=str(course.target),
        folder=str(folder.path),
        backup=course.backup.label,
        source_timeline=course.timeline,
        timeline=recovered.timeline or 0,
        reached_lsn=lsn,
        reached_at=recovered.last_transaction_at,
        last=last,
        next=following,
        stopping=recovered.stopping,
        database_bytes=course.backup.database_bytes,
        wal_bytes=recovered.wal_bytes,
        segments=recovered.segments,
        seconds=dict(work.seconds),
        started=work.plan.start,
        port=work.server.port,
        socket=str(folder.sockets),
        start_command=clone.start_line(work.server),
    )
