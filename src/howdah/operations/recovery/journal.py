"""The records of recoveries on disk: `<home>/recovery/<id>/state.json`, complete or as it was."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from howdah.foundation.errors import CommandFailed, Conflict
from howdah.foundation.layout import Layout
from howdah.operations.cluster.reporting import Report, silent
from howdah.operations.recovery import record as records
from howdah.operations.recovery.record import Record

STATE, POST_MORTEM = "state.json", "post-mortem.md"
ONLY_ROOT = 0o755


class RecoveryUnderWay(Conflict):
    """Another process recovers this installation right now."""


class Journal:
    """One recovery as it goes on: whatever is told is on disk before the call returns."""

    def __init__(self, folder: Path, record: Record, report: Report):
        self.folder = folder
        self.record = record
        self._report = report

    def begin(self, step: str) -> None:
        """An attempt at the step begins."""
        self._keep(records.begun(self.record, step, _now()))

    def end(
        self, outcome: str, sentences: tuple[str, ...] = (), figures: dict[str, Any] | None = None
    ) -> None:
        """The attempt has ended."""
        self._keep(records.ended(self.record, _now(), outcome, sentences, figures))

    def tell(self, what: str) -> None:
        """Say it, and keep it for the timeline."""
        self._report(what)
        self._keep(records.told(self.record, _now(), what))

    def decide(self, what: str) -> None:
        """Keep what somebody decided."""
        self._keep(records.told(self.record, _now(), what, decision=True))

    def say(self, what: str) -> None:
        """Say it only: progress is no part of the story."""
        self._report(what)

    def note(self, **notes: Any) -> None:
        """What whoever continues must know; None forgets one."""
        self._keep(records.noted(self.record, **notes))

    def noted(self, name: str) -> Any:
        """A note, or None."""
        return self.record.notes.get(name)

    def come_out(self, outcome: str) -> None:
        """How the recovery comes out."""
        self._keep(records.decided(self.record, outcome))

    def close(self) -> None:
        """The recovery is over."""
        self._keep(records.closed(self.record, _now()))

    def _keep(self, record: Record) -> None:
        self.record = record
        text = json.dumps(records.to_document(record), indent=2, ensure_ascii=False)
        write_whole(self.folder / STATE, text + "\n")


def _now() -> datetime:
    return datetime.now(UTC)


def begin_journal(layout: Layout, report: Report, steps: tuple[str, ...]) -> Journal:
    """A new recovery. Raises CommandFailed when it cannot be recorded."""
    record = records.new_record(_now(), steps)
    folder = layout.recovery / record.id
    try:
        folder.mkdir(mode=ONLY_ROOT, parents=True)
    except OSError as problem:
        raise CommandFailed(
            f"the recovery cannot be recorded in {folder} ({problem.strerror})",
            hint="make room, or run the command as the user that ran `howdah up`",
        ) from problem
    journal = Journal(folder, record, report)
    journal.note()
    return journal


def open_journal(layout: Layout, report: Report) -> Journal | None:
    """The newest recovery that is not over."""
    for folder, record in all_records(layout):
        if record.ended_at is None:
            return Journal(folder, record, report)
    return None


def unfinished_recovery(layout: Layout) -> str:
    """Its id; empty when none is unfinished. Raises CommandFailed."""
    journal = open_journal(layout, silent)
    return journal.record.id if journal else ""


def all_records(layout: Layout) -> Iterator[tuple[Path, Record]]:
    """Folder and record of every recovery, the newest first.

    Raises CommandFailed for one that cannot be read: what it has begun is not to be forgotten.
    """
    for path in sorted(layout.recovery.glob(f"*/{STATE}"), reverse=True):
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
            yield path.parent, records.from_document(document)
        except (OSError, ValueError, KeyError, TypeError) as problem:
            raise CommandFailed(
                f"the record {path} cannot be read ({problem})",
                hint="move its folder away if that recovery is over",
            ) from problem


@contextmanager
def recovery_lock(layout: Layout) -> Iterator[None]:
    """One recovery at a time. Raises RecoveryUnderWay; the lock goes with its process."""
    folder = layout.recovery
    folder.mkdir(mode=ONLY_ROOT, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RecoveryUnderWay(
                "a recovery of this installation is under way in another process",
                hint="`howdah recover status` shows it",
            ) from None
        yield


def write_whole(path: Path, text: str) -> None:
    """Replace the file so that it is the old one or the new one whole, also after a power cut."""
    partial = path.with_name(f".{path.name}.new")
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
