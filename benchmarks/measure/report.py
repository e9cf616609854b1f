"""The result of a benchmark: a table, the promises it judges, and how it was measured."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

TIMES = "\N{MULTIPLICATION SIGN}"
NOT_JUDGED = "not judged"


@dataclass(frozen=True)
class Promise:
    """A number that must be reached. `judged` is False when the run was too small to say."""

    what: str
    measured: float
    limit: float
    at_least: bool = False  # otherwise: at most
    unit: str = ""
    judged: bool = True

    @property
    def kept(self) -> bool:
        return self.measured >= self.limit if self.at_least else self.measured <= self.limit

    @property
    def verdict(self) -> str:
        if not self.judged:
            return NOT_JUDGED
        return "kept" if self.kept else "**missed**"


@dataclass(frozen=True)
class Report:
    """What one program found."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]]
    promises: list[Promise] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def missed(self) -> list[Promise]:
        return [promise for promise in self.promises if promise.judged and not promise.kept]

    def markdown(self) -> str:
        parts = [f"## {self.title}", "", *table(self.columns, self.rows), ""]
        if self.promises:
            judged = map(_judgement, self.promises)
            parts += [*table(("promise", "must be", "measured", ""), judged), ""]
        parts += [f"- {note}" for note in self.notes]
        return "\n".join(parts).rstrip() + "\n"

    def as_json(self) -> str:
        found = asdict(self)
        for promise, described in zip(self.promises, found["promises"], strict=True):
            described["verdict"] = promise.verdict.strip("*")
        return json.dumps(found, indent=2, default=str)


def _judgement(promise: Promise) -> tuple[str, ...]:
    sign = "≥" if promise.at_least else "≤"
    return (
        promise.what,
        f"{sign} {figure(promise.limit)}{promise.unit}",
        f"{figure(promise.measured)}{promise.unit}",
        promise.verdict,
    )


def table(columns: Sequence[str], rows: Any) -> list[str]:
    """A Markdown table; numbers to three significant digits."""
    lines = [_line(columns), _line(["---"] * len(columns))]
    return lines + [_line([figure(value) for value in row]) for row in rows]


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def figure(value: object) -> str:
    """Three significant digits for a fraction, everything of an integer."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return str(value)
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{round(value):,}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    if abs(value) >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if abs(value) >= 1 or value == 0 else f"{value:.3g}"
