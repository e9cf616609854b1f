"""Reading archived WAL: which transactions ended in a segment, and when.

pgBackRest fetches, decrypts and unpacks a segment into a folder of ours; pg_waldump reads it. A
record may begin in one segment and end in the next, so segments are read with their followers.
"""

import contextlib
import os
import shutil
import struct
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.accounts import POSTGRESQL, as_account, own
from howdah.foundation.processes.run import run
from howdah.foundation.rendering.patroni import POSTGRESQL_BINARIES
from howdah.foundation.rendering.pgbackrest import servers_of
from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import DEFAULT_SEGMENT_BYTES, Segment
from howdah.operations.backups.program import BackupProgramFailed, pgbackrest
from howdah.operations.restores.target import lsn_text
from howdah.operations.restores.waldump import Record, records_in

PREFIX = "wal-"
OVERHANG_BYTES = 1024 * 1024
"""How much of the following segment is read for a record that begins in the one before."""
ENDED_EARLY = 1
"""pg_waldump's exit code at the end of what it was given."""
CONTROL_FILE = Path("global") / "pg_control"


class WalReader:
    """Reads segments of the archive; use with `with`, its folder is deleted afterwards."""

    def __init__(self, settings: Settings, system_id: str):
        self._settings = settings
        self._system_id = system_id
        self._folder = settings.layout.backup_run / f"{PREFIX}{os.getpid()}"
        self._fetched: dict[Segment, Path] = {}

    def __enter__(self) -> Self:
        _remove_abandoned(self._folder.parent)
        for folder in (self._folder, self._folder / "global", self._folder / "segments"):
            folder.mkdir(mode=0o700, exist_ok=True)
            own(folder, POSTGRESQL, 0o700)
        _make_control_file(self._settings, self._folder / CONTROL_FILE, self._system_id)
        return self

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)

    def records(
        self, segment: Segment, following: Segment | None = None, start: int | None = None
    ) -> list[Record]:
        """The ends of transactions and restore points that begin in a segment.

        `following`: the one after it, when the archive has it. `start`: an LSN in the segment
        that begins a record. Raises BackupProgramFailed when the archive cannot give a segment.
        """
        self._forget_all_but(segment, following)
        first, last = self._fetch(segment), self._fetch(following) if following else None
        end = (segment.number + 1) * DEFAULT_SEGMENT_BYTES
        options = [f"--start={lsn_text(start)}"] if start is not None else []
        if last:
            options.append(f"--end={lsn_text(end + OVERHANG_BYTES)}")
        names = [path.name for path in (first, last) if path]
        rmgrs = ("--rmgr=Transaction", "--rmgr=XLOG")
        command = [
            f"{POSTGRESQL_BINARIES}/pg_waldump", f"--path={first.parent}", *rmgrs, *options, *names,
        ]  # fmt: skip
        text = run(
            as_account(POSTGRESQL, command),
            cwd=self._folder,
            env={"LANG": "C.UTF-8", "TZ": "UTC"},
            done=(0, ENDED_EARLY),
        )
        return [record for record in records_in(text) if record.lsn < end]

    def newest_first(self, segments: Sequence[Segment]) -> Iterator[tuple[Segment, list[Record]]]:
        """Segments that follow each other, and what is in them, the last of them first."""
        following = None
        for segment in reversed(segments):
            yield segment, self.records(segment, following)
            following = segment

    def oldest_first(
        self, segments: Sequence[Segment], start: int | None = None
    ) -> Iterator[tuple[Segment, list[Record]]]:
        """The same forwards; `start`: where the first record in the first segment begins."""
        for place, segment in enumerate(segments):
            following = segments[place + 1] if place + 1 < len(segments) else None
            yield segment, self.records(segment, following, None if place else start)

    def _fetch(self, segment: Segment) -> Path:
        """The segment's file, by its name on timeline 1 whatever its own: pg_waldump reads along
        one timeline, and where timelines part the newer one's segment holds a copy of the older.
        """
        if segment in self._fetched:
            return self._fetched[segment]
        path = self._folder / "segments" / Segment(1, segment.number).name()
        path.unlink(missing_ok=True)
        fetch_segment(self._settings, self._folder, segment, path)
        self._fetched[segment] = path
        return path

    def _forget_all_but(self, *kept: Segment | None) -> None:
        for segment in [item for item in self._fetched if item not in kept]:
            self._fetched.pop(segment).unlink(missing_ok=True)


def fetch_segment(settings: Settings, data: Path, segment: Segment, target: Path) -> None:
    """Copy a segment out of the archive. `data`: a folder with the control file of its database.

    Raises BackupProgramFailed that names the segment.
    """
    options = (f"--pg1-path={data}", f"--lock-path={data}")
    try:
        pgbackrest(settings, "archive-get", *options, segment.name(), str(target))
    except BackupProgramFailed as failure:
        raise BackupProgramFailed(
            f"WAL segment {segment.name()} cannot be read from the archive: {failure.message}",
            hint=failure.hint,
            segment=segment.name(),
            **failure.details,
        ) from failure


def _make_control_file(settings: Settings, path: Path, system_id: str) -> None:
    """pgBackRest gives WAL to the database it belongs to, which it knows by this file.

    A server's own when there is one, under the name that the repository knows; else a new one's.
    """
    content = _control_file_at_hand(settings) or _new_control_file(path.parent.parent / "new")
    path.write_bytes(struct.pack("=Q", int(system_id)) + content[8:])
    own(path, POSTGRESQL, 0o600)


def _control_file_at_hand(settings: Settings) -> bytes | None:
    for server in servers_of(settings.topology, settings.layout):
        with contextlib.suppress(OSError):
            return (server.data / CONTROL_FILE).read_bytes()
    return None


def _new_control_file(folder: Path) -> bytes:
    program = f"{POSTGRESQL_BINARIES}/initdb"
    options = ("--no-sync", "--auth=reject", "--data-checksums", "--locale=C")
    run(as_account(POSTGRESQL, [program, f"--pgdata={folder}", *options]), cwd=folder.parent)
    try:
        return (folder / CONTROL_FILE).read_bytes()
    except OSError as problem:
        raise CommandFailed(f"initdb made no {CONTROL_FILE}: {problem}") from problem
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_abandoned(parent: Path) -> None:
    """Folders of processes that are gone."""
    for folder in parent.glob(f"{PREFIX}*"):
        pid = folder.name.removeprefix(PREFIX)
        if pid.isdecimal() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def along(path: Iterable[Segment]) -> list[Segment]:
    """Segments in the order in which a recovery reads them."""
    return sorted(path, key=lambda item: item.number)
