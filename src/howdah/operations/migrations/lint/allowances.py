"""Reasoned exceptions: `-- lint: allow RULE, RULE: the reason`, beside what they excuse.

In the head of a file one holds for the whole file, elsewhere for the statement that follows it or
that it stands in.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from howdah.operations.migrations.lint.findings import Finding
from howdah.operations.migrations.lint.source import Source

ALLOWED = re.compile(
    r"--[^\S\n]*lint:[^\S\n]*allow[^\S\n]+(?P<rules>[\w-]+(?:,[^\S\n]*[\w-]+)*)"
    r"(?P<reason>:[^\n]*)?$",
    re.MULTILINE,
)
LEAST_WORDS = 3
PAGE = "docs/reference/migration-lint.md"


@dataclass(frozen=True)
class Allowance:
    """Rules that may be broken from `first` to `last` line, and why."""

    rules: tuple[str, ...]
    reason: str
    line: int
    first: int
    last: int

    def covers(self, finding: Finding) -> bool:
        """Whether this excuses the finding."""
        here = self.first <= finding.line <= self.last
        return finding.rule in self.rules and here


def allowances(source: Source) -> tuple[Allowance, ...]:
    """Every exception that the file claims."""
    return tuple(_read(source))


def _read(source: Source) -> Iterator[Allowance]:
    lines = source.text.count("\n") + 1
    spans = _spans(source)
    for match in ALLOWED.finditer(source.text):
        line = source.text.count("\n", 0, match.start()) + 1
        first, last = (1, lines) if match.start() < len(source.head) else _place(line, spans)
        rules = tuple(rule.strip() for rule in match["rules"].split(","))
        yield Allowance(rules, (match["reason"] or "").strip(": "), line, first, last)


def _spans(source: Source) -> list[tuple[int, int]]:
    """First and last line of each statement, in order."""
    return [
        (statement.line, statement.line + statement.text.count("\n"))
        for section in source.sections
        for statement in section.statements
    ]


def _place(line: int, spans: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """The lines an exception at this line holds for: itself and the statement it is about."""
    about = (span for span in spans if span[1] >= line)
    first, last = next(about, (line, line))
    return min(first, line), last


def excused(source: Source, findings: Sequence[Finding]) -> list[Finding]:
    """The findings that no exception covers, and those about the exceptions themselves."""
    claimed = allowances(source)
    left = [found for found in findings if not any(one.covers(found) for one in claimed)]
    return [*left, *_about(source, claimed, findings)]


def _about(
    source: Source, claimed: Sequence[Allowance], findings: Sequence[Finding]
) -> Iterator[Finding]:
    for one in claimed:
        if len(one.reason.split()) < LEAST_WORDS:
            yield Finding(
                source.path.name,
                one.line,
                "exception-without-reason",
                "An exception says why the rule may be broken here.",
                "`-- lint: allow RULE: the reason in a few words`.",
                PAGE,
            )
        for rule in one.rules:
            if not any(rule == found.rule and one.covers(found) for found in findings):
                yield Finding(
                    source.path.name,
                    one.line,
                    "unused-exception",
                    f"Nothing here breaks {rule}, so the exception would hide a later mistake.",
                    "Remove it.",
                    PAGE,
                )
