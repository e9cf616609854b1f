"""A migration file as the rules read it: its head, and two sections of statements with their lines.

Only the text is looked at, so that a draft can be judged before it could run.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from howdah.operations.migrations.phases import phase_of
from howdah.operations.migrations.statements import TOKENS, SqlStatement, split_statements

MARKER = re.compile(r"^--\s*migrate:(?P<direction>up|down)\b(?P<options>[^\n]*)$", re.MULTILINE)
BACKFILL = re.compile(r"^--\s*backfill:", re.MULTILINE)
CREATED = re.compile(r"create (?:unlogged )?table (?:if not exists )?(?:public )?(\w+)")


@dataclass(frozen=True)
class SourceSection:
    """One half of a file. `text` has blank lines in front, so that its lines are the file's."""

    direction: str
    text: str
    in_transaction: bool

    @property
    def in_batches(self) -> bool:
        """Whether the runner cuts its statement into batches that each commit."""
        return BACKFILL.search(self.text) is not None

    @cached_property
    def statements(self) -> tuple[SqlStatement, ...]:
        """Its statements, with the file's line numbers."""
        return split_statements(self.text)

    @cached_property
    def creates(self) -> frozenset[str]:
        """Tables that begin here: nobody uses them yet, so locks on them hold nobody up."""
        found = (CREATED.match(statement.words) for statement in self.statements)
        return frozenset(match[1] for match in found if match)


@dataclass(frozen=True)
class Source:
    """A file: everything before the first marker, then its sections."""

    path: Path
    text: str

    @cached_property
    def head(self) -> str:
        """The comments before the first section."""
        marker = MARKER.search(self.text)
        return self.text[: marker.start()] if marker else self.text

    @cached_property
    def phase(self) -> str:
        """`pre` or `post` the deployment of the code that needs it; `pre` unless the head says."""
        return phase_of(self.text)

    @cached_property
    def sections(self) -> tuple[SourceSection, ...]:
        """The sections, in the order of the file."""
        return tuple(self._sections())

    def section(self, direction: str) -> SourceSection:
        """That half; an empty one where it is missing."""
        found = (part for part in self.sections if part.direction == direction)
        return next(found, SourceSection(direction, "", True))

    def _sections(self) -> Iterator[SourceSection]:
        markers = list(MARKER.finditer(self.text))
        ends = [*(marker.start() for marker in markers[1:]), len(self.text)]
        for marker, end in zip(markers, ends, strict=True):
            body = self.text[marker.end() : end]
            before = "\n" * self.text.count("\n", 0, marker.end())
            yield SourceSection(
                marker["direction"], before + body, "transaction:false" not in marker["options"]
            )


def bare(text: str) -> str:
    """The text with comments and literals blanked out, character for character."""
    return TOKENS.sub(_blank, text)


def _blank(match: re.Match[str]) -> str:
    if match["comment"] or (match["quoted"] and not match["quoted"].startswith('"')):
        return re.sub(r"[^\n]", " ", match[0])
    return match[0]
