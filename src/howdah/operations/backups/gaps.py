"""Holes in an archive of WAL. Pure.

pgBackRest's own `verify` and `check` say "ok" over a missing segment, and a restore that meets one
ends there as if it had all. So the segments that must be there are worked out and compared with
those that are: from the oldest backup on, along the timelines that lead to the current one.

On a timeline that was left at an LSN, the segment of that LSN is not needed: the timeline that
followed holds a copy of its beginning. What an archive lacks at its end cannot be seen here; only
the server knows how far it has got.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

DEFAULT_SEGMENT_BYTES = 16 * 1024 * 1024
_LOG_BYTES = 1 << 32
_SEGMENT_NAME = re.compile(r"^[0-9A-F]{24}$")
_HISTORY_LINE = re.compile(r"^\s*([0-9]+)\s+([0-9A-F]{1,8})/([0-9A-F]{1,8})(\s|$)")


@dataclass(frozen=True, order=True)
class Segment:
    """One WAL segment: its timeline, and its number counted from LSN 0/0."""

    timeline: int
    number: int

    @classmethod
    def named(cls, name: str, segment_bytes: int = DEFAULT_SEGMENT_BYTES) -> "Segment":
        """From PostgreSQL's name for it, 24 digits. Raises ValueError."""
        if not _SEGMENT_NAME.match(name):
            raise ValueError(f"{name!r} is not the name of a WAL segment")
        log, place = int(name[8:16], 16), int(name[16:], 16)
        return cls(int(name[:8], 16), log * (_LOG_BYTES // segment_bytes) + place)

    def name(self, segment_bytes: int = DEFAULT_SEGMENT_BYTES) -> str:
        """PostgreSQL's name for it."""
        log, place = divmod(self.number, _LOG_BYTES // segment_bytes)
        return f"{self.timeline:08X}{log:08X}{place:08X}"


@dataclass(frozen=True)
class Switch:
    """Where a timeline was left for the next one."""

    timeline: int
    lsn: int


@dataclass(frozen=True)
class Needs:
    """The WAL that a backup needs to be consistent: its first and its last segment."""

    label: str
    first: Segment
    last: Segment


@dataclass(frozen=True)
class Stretch:
    """Segments of one timeline that must be there, both ends included; none when last < first."""

    timeline: int
    first: int
    last: int


@dataclass(frozen=True)
class Hole:
    """Segments that follow each other and are missing, both ends included."""

    timeline: int
    first: int
    last: int

    @property
    def count(self) -> int:
        """How many are missing."""
        return self.last - self.first + 1

    def names(self, segment_bytes: int = DEFAULT_SEGMENT_BYTES) -> tuple[str, str]:
        """The first and the last that is missing."""
        first, last = Segment(self.timeline, self.first), Segment(self.timeline, self.last)
        return first.name(segment_bytes), last.name(segment_bytes)


def parse_lsn(text: str) -> int:
    """`0/3000060` as a number of bytes. Raises ValueError."""
    high, slash, low = text.partition("/")
    if not slash:
        raise ValueError(f"{text!r} is not an LSN")
    return int(high, 16) << 32 | int(low, 16)


def parse_history(timeline: int, text: str) -> tuple[Switch, ...]:
    """What `<timeline>.history` says: its ancestors, the oldest first, and where each was left.

    Raises ValueError when it is not such a file, as a damaged one that was decrypted is not.
    """
    switches: list[Switch] = []
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _HISTORY_LINE.match(line)
        if not found:
            raise ValueError("a line of it cannot be read")
        lsn = int(found[2], 16) << 32 | int(found[3], 16)
        switches.append(Switch(int(found[1]), lsn))
    lines = [switch.timeline for switch in switches]
    if not switches or lines != sorted(set(lines)) or lines[-1] >= timeline:
        raise ValueError("it names no ancestors, or not in their order")
    return tuple(switches)


def path_to(
    timeline: int, history: Sequence[Switch], newest: int | None, segment_bytes: int
) -> Iterator[Stretch]:
    """The stretches that lead to the newest segment of a timeline, from the first segment on.

    `newest`: the number of its newest segment; None when it has none yet.
    """
    first = 0
    for switch in history:
        begins = switch.lsn // segment_bytes
        yield Stretch(switch.timeline, first, begins - 1)
        first = begins
    if newest is not None:
        yield Stretch(timeline, first, newest)


def find_holes(
    segments: Collection[Segment],
    histories: Mapping[int, Sequence[Switch]],
    backups: Iterable[Needs],
    current: int,
    segment_bytes: int = DEFAULT_SEGMENT_BYTES,
) -> tuple[Hole, ...]:
    """What is missing of the WAL from the oldest backup to the newest segment of `current`.

    Also what a backup on a timeline that leads nowhere needs for itself. `histories`: timeline →
    its ancestors; that of `current` must be in it when it has any.
    """
    kept, present = list(backups), set(segments)
    ends = present | {item.last for item in kept}
    path = path_to(current, histories.get(current, ()), _newest(ends, current), segment_bytes)
    own = (Stretch(item.first.timeline, item.first.number, item.last.number) for item in kept)
    needed = [*_from_oldest(path, kept), *own]
    return tuple(_merged(hole for stretch in needed for hole in _missing(stretch, present)))


def reach(
    backup: Needs,
    segments: Collection[Segment],
    histories: Mapping[int, Sequence[Switch]],
    current: int,
    segment_bytes: int = DEFAULT_SEGMENT_BYTES,
) -> Segment | None:
    """The last segment up to which this backup can be rolled forward without meeting a hole.

    Along the way to `current`, or on its own timeline when that does not lead there. None when not
    even the backup's own WAL is whole.
    """
    present, own = set(segments), backup.first.timeline
    path: list[Stretch] = []
    for end in (own, current):  # the latter if it leads there
        newest = _newest(present | {backup.last}, end)
        found = list(path_to(end, histories.get(end, ()), newest, segment_bytes))
        path = found if _leads(found, backup) else path
    last: Segment | None = None
    for stretch in _from_oldest(path, [backup]):
        for number in range(stretch.first, stretch.last + 1):
            if Segment(stretch.timeline, number) not in present:
                return _beyond(last, backup)
            last = Segment(stretch.timeline, number)
    return _beyond(last, backup)


def _beyond(last: Segment | None, backup: Needs) -> Segment | None:
    return last if last is not None and last >= backup.last else None


def _newest(present: Iterable[Segment], timeline: int) -> int | None:
    return max((item.number for item in present if item.timeline == timeline), default=None)


def _leads(path: Iterable[Stretch], backup: Needs) -> bool:
    """Whether a backup lies on that way."""
    return any(
        stretch.timeline == backup.first.timeline
        and stretch.first <= backup.first.number
        and backup.last.number <= stretch.last
        for stretch in path
    )


def _from_oldest(path: Iterable[Stretch], backups: Sequence[Needs]) -> Iterator[Stretch]:
    """The path from where the oldest backup begins that lies on it; nothing when none does."""
    stretches = list(path)
    starts = [item.first.number for item in backups if _leads(stretches, item)]
    if not starts:
        return
    for stretch in stretches:
        if stretch.last >= min(starts):
            first = max(stretch.first, min(starts))
            yield Stretch(stretch.timeline, first, stretch.last)


def _missing(stretch: Stretch, present: Collection[Segment]) -> Iterator[Hole]:
    first: int | None = None
    for number in range(stretch.first, stretch.last + 2):
        absent = number <= stretch.last and Segment(stretch.timeline, number) not in present
        if absent and first is None:
            first = number
        elif not absent and first is not None:
            yield Hole(stretch.timeline, first, number - 1)
            first = None


def _merged(holes: Iterable[Hole]) -> Iterator[Hole]:
    """In order, with those that touch or overlap as one."""
    before: Hole | None = None
    for hole in sorted(holes, key=lambda item: (item.timeline, item.first)):
        if before and hole.timeline == before.timeline and hole.first <= before.last + 1:
            before = Hole(hole.timeline, before.first, max(before.last, hole.last))
            continue
        if before:
            yield before
        before = hole
    if before:
        yield before
