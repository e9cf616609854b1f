"""What changed between two revisions of a document, as data and as a unified diff."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from howdah.product.documents.line_matching import LineMatching

CONTEXT_LINES = 3
COMPARED_PAIRS = 1_000_000
"""Pairs of lines that difflib may compare in one difference; about a quarter of a second."""

COARSE_NOTE = (
    "Some passages changed too much to be compared line by line in reasonable time; "
    "they are shown as replaced."
)

LineKind = Literal["same", "removed", "added"]
_SIGN: dict[LineKind, str] = {"same": " ", "removed": "-", "added": "+"}
_NO_NEWLINE = "\\ No newline at end of file"


@dataclass(frozen=True)
class Version:
    """The parts of a revision that are compared."""

    revision: int
    title: str
    content: str
    tags: tuple[str, ...] = ()
    language: str = "english"


@dataclass(frozen=True)
class Change:
    """A value before and after."""

    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """A line without its line feed; its numbers count from 1, None on the side it is not on."""

    kind: LineKind
    text: str
    before_number: int | None
    after_number: int | None
    ends_with_newline: bool = True


@dataclass(frozen=True)
class Hunk:
    """Neighbouring changes with the unchanged lines around them; the numbers are unified diff's."""

    before_start: int
    before_count: int
    after_start: int
    after_count: int
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Difference:
    """Everything that differs; None and empty where nothing does. `note` says what is coarse."""

    before_revision: int
    after_revision: int
    title: Change | None
    language: Change | None
    tags_added: tuple[str, ...]
    tags_removed: tuple[str, ...]
    hunks: tuple[Hunk, ...]
    lines_added: int
    lines_removed: int
    note: str | None = None


def compare(
    before: Version,
    after: Version,
    *,
    context_lines: int = CONTEXT_LINES,
    compared_pairs: int = COMPARED_PAIRS,
) -> Difference:
    """The difference between two versions in bounded time, whatever they hold."""
    before_lines, after_lines = _lines(before.content), _lines(after.content)
    matching = LineMatching(before_lines, after_lines, compared_pairs)
    matches = list(matching.matches())
    lines = list(_aligned(before_lines, after_lines, matches))
    return Difference(
        before_revision=before.revision,
        after_revision=after.revision,
        title=_change(before.title, after.title),
        language=_change(before.language, after.language),
        tags_added=tuple(tag for tag in after.tags if tag not in before.tags),
        tags_removed=tuple(tag for tag in before.tags if tag not in after.tags),
        hunks=tuple(_hunks(lines, context_lines)),
        lines_added=len(after_lines) - len(matches),
        lines_removed=len(before_lines) - len(matches),
        note=COARSE_NOTE if matching.coarse else None,
    )


def as_text(difference: Difference) -> str:
    """A unified diff, below lines for title, language and tags; `patch` takes it for the content.

    Empty when nothing differs.
    """
    parts = [*_properties(difference)]
    if difference.hunks:
        parts.append(f"--- revision {difference.before_revision}")
        parts.append(f"+++ revision {difference.after_revision}")
        for hunk in difference.hunks:
            parts.extend(_hunk_text(hunk))
    return "".join(f"{part}\n" for part in parts)


def _properties(difference: Difference) -> Iterator[str]:
    if difference.title:
        yield f"title: {difference.title.before} → {difference.title.after}"
    if difference.language:
        yield f"language: {difference.language.before} → {difference.language.after}"
    if difference.tags_added or difference.tags_removed:
        added = [f"+{tag}" for tag in difference.tags_added]
        yield "tags: " + ", ".join([*added, *(f"-{tag}" for tag in difference.tags_removed)])
    if difference.note:
        yield f"note: {difference.note}"


def _hunk_text(hunk: Hunk) -> Iterator[str]:
    before = _range(hunk.before_start, hunk.before_count)
    yield f"@@ -{before} +{_range(hunk.after_start, hunk.after_count)} @@"
    for line in hunk.lines:
        yield _SIGN[line.kind] + line.text
        if not line.ends_with_newline:
            yield _NO_NEWLINE


def _range(start: int, count: int) -> str:
    return str(start) if count == 1 else f"{start},{count}"


def _change(before: str, after: str) -> Change | None:
    return None if before == after else Change(before, after)


def _lines(content: str) -> list[str]:
    """The lines with their line feeds, so that a missing last one is a difference."""
    lines = [line + "\n" for line in content.split("\n")]
    lines[-1] = lines[-1][:-1]
    return lines if lines[-1] else lines[:-1]


def _aligned(
    before: Sequence[str], after: Sequence[str], matches: Sequence[tuple[int, int]]
) -> Iterator[Line]:
    """Both texts as one sequence of lines: removed before added between the same."""
    before_at = after_at = 0
    for before_match, after_match in [*matches, (len(before), len(after))]:
        for at in range(before_at, before_match):
            yield _line("removed", before[at], at + 1, None)
        for at in range(after_at, after_match):
            yield _line("added", after[at], None, at + 1)
        if before_match < len(before):
            yield _line("same", before[before_match], before_match + 1, after_match + 1)
        before_at, after_at = before_match + 1, after_match + 1


def _line(kind: LineKind, text: str, before: int | None, after: int | None) -> Line:
    return Line(kind, text.removesuffix("\n"), before, after, text.endswith("\n"))


def _hunks(lines: Sequence[Line], context_lines: int) -> Iterator[Hunk]:
    changed = [at for at, line in enumerate(lines) if line.kind != "same"]
    position = 0
    while position < len(changed):
        last = position
        while (
            last + 1 < len(changed) and changed[last + 1] - changed[last] <= 2 * context_lines + 1
        ):
            last += 1
        start = max(0, changed[position] - context_lines)
        yield _hunk(lines, start, changed[last] + 1 + context_lines)
        position = last + 1


def _hunk(lines: Sequence[Line], start: int, end: int) -> Hunk:
    part = tuple(lines[start:end])
    before = [line.before_number for line in part if line.before_number is not None]
    after = [line.after_number for line in part if line.after_number is not None]
    return Hunk(
        before_start=before[0] if before else _last_number(lines[:start], "before"),
        before_count=len(before),
        after_start=after[0] if after else _last_number(lines[:start], "after"),
        after_count=len(after),
        lines=part,
    )


def _last_number(lines: Sequence[Line], side: Literal["before", "after"]) -> int:
    """The line that an empty range of a unified diff stands behind; 0 at the beginning."""
    for line in reversed(lines):
        number = line.before_number if side == "before" else line.after_number
        if number is not None:
            return number
    return 0
