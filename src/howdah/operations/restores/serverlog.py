"""What PostgreSQL's log says about a recovery. Pure.

The log is that of a server of ours: `%m [%p] ` before each line, in English, times in UTC.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from howdah.operations.backups.gaps import parse_lsn

_LINE = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) UTC \[\d+\] (\w+):  (.*)$")
_LAST_TIME = re.compile(r"^last completed transaction was at log time (\S+ \S+)$")
_REDO_STARTS = re.compile(r"^redo starts at ([0-9A-F]+/[0-9A-F]+)")
_REDO_DONE = re.compile(r"^redo done at ([0-9A-F]+/[0-9A-F]+)")
_TIMELINE = re.compile(r"^selected new timeline ID: (\d+)")
_RESTORED = re.compile(r'^restored log file "([0-9A-F]{24})" from archive')
_DAMAGE = re.compile(
    r"incorrect resource manager data checksum|invalid (?:record|magic|resource|info|contrecord)"
    r"|unexpected pageaddr|record with (?:incorrect|invalid)|there is no contrecord|missing contre"
)
_BACKREST = re.compile(r"^(?:P\d+ +)?(ERROR|WARN): (?:\[\d+\]: )?(.*)$")


@dataclass(frozen=True)
class Recovered:
    """A recovery as its log tells it; moments are those of the log's lines."""

    redo_begun: datetime | None = None
    redo_ended: datetime | None = None
    redo_start_lsn: int | None = None
    last_record_lsn: int | None = None
    """Where the last record that was replayed begins."""
    last_transaction_at: datetime | None = None
    stopping: str = ""
    """PostgreSQL's own sentence on why it stopped where it did."""
    timeline: int | None = None
    """The timeline that it began."""
    segments: int = 0
    """Segments that came from the archive."""
    newest_segment: str = ""
    fatal: tuple[str, ...] = ()
    damage: tuple[str, ...] = ()
    """Lines that tell of WAL that cannot be read, and what pgBackRest complained about."""

    @property
    def replay_seconds(self) -> float:
        """From the first record to the last."""
        if self.redo_begun is None or self.redo_ended is None:
            return 0.0
        return (self.redo_ended - self.redo_begun).total_seconds()

    @property
    def wal_bytes(self) -> int:
        """From the first record to the last."""
        if self.redo_start_lsn is None or self.last_record_lsn is None:
            return 0
        return self.last_record_lsn - self.redo_start_lsn


NOTHING = Recovered()


def recovered(lines: Iterable[str], before: Recovered = NOTHING) -> Recovered:
    """What the log says; `before`: what the lines before these said."""
    found: dict[str, Any] = {}
    fatal, damage, segments = list(before.fatal), list(before.damage), before.segments
    for line in lines:
        match = _LINE.match(line.rstrip())
        if not match:
            complaint = _BACKREST.match(line.strip())
            if complaint and complaint[1] == "ERROR":
                damage.append(complaint[2])
            continue
        level, message = match[2], match[3]
        if level in {"FATAL", "PANIC"} and not message.startswith("the database system is"):
            fatal.append(message)
        if _DAMAGE.search(message):
            damage.append(message)
        if restored := _RESTORED.match(message):
            segments += 1
            found["newest_segment"] = restored[1]
        found |= _facts(_moment(match[1]), message)
    return replace(
        before,
        **found,
        segments=segments,
        fatal=tuple(dict.fromkeys(fatal)),
        damage=tuple(dict.fromkeys(damage)),
    )


def _facts(moment: datetime, message: str) -> dict[str, Any]:
    if starts := _REDO_STARTS.match(message):
        return {"redo_begun": moment, "redo_start_lsn": parse_lsn(starts[1])}
    if done := _REDO_DONE.match(message):
        return {"redo_ended": moment, "last_record_lsn": parse_lsn(done[1])}
    if message.startswith("recovery stopping "):
        return {"stopping": message}
    if last := _LAST_TIME.match(message):
        return {"last_transaction_at": datetime.fromisoformat(last[1])}
    if timeline := _TIMELINE.match(message):
        return {"timeline": int(timeline[1])}
    return {}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class LogReader:
    """Reads a log as it grows, from its beginning."""

    def __init__(self, path: Path):
        self._path = path
        self._place = 0
        self._found = NOTHING

    def read(self) -> Recovered:
        """What it says up to now."""
        with self._path.open("rb") as file:
            file.seek(self._place)
            text = file.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._place += len(whole)
        self._found = recovered(whole.decode(errors="replace").splitlines(), self._found)
        return self._found
