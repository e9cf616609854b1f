"""The report as a page of HTML that stands alone."""

from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from string import Template

from howdah.operations.migrations.rehearse.report import (
    QueryReport,
    Rehearsal,
    StatementReport,
)


def as_page(found: Rehearsal) -> str:
    """The whole page."""
    template = files(__package__).joinpath("report.html").read_text(encoding="utf-8")
    verdict = "may run" if found.passed else "; ".join(found.problems)
    return Template(template).substitute(
        verdict=escape(verdict),
        verdict_class="good" if found.passed else "bad",
        source=escape(found.source),
        pending=escape(", ".join(found.pending) or "nothing"),
        rows=escape(", ".join(f"{name} {count:,}" for name, count in found.rows.items())),
        masked="masked" if found.masked_rows else "not masked",
        statements=_rows(_statement(one) for one in found.statements),
        before=_rows(_query(one) for one in found.before),
        meanwhile=_rows(_query(one) for one in found.meanwhile),
        failures=_rows([one] for one in found.failures),
    )


def locks_of(one: StatementReport) -> str:
    """`public.documents AccessExclusiveLock 0.012 s`, for each table."""
    return "; ".join(f"{lock.table} {lock.mode} {lock.held_seconds:.3f} s" for lock in one.locks)


def rewritten_of(one: StatementReport) -> str:
    """`documents 1,000,000`, for each table that was copied into a new file."""
    return ", ".join(f"{table} {rows:,}" for table, rows in one.rewritten.items())


def _statement(one: StatementReport) -> list[str]:
    slowest = f"{one.slowest_query} {one.slowest_query_seconds * 1000:.0f} ms"
    return [
        f"{one.migration}:{one.line}",
        f"{one.direction}, no lock" if one.gave_up else one.direction,
        one.statement,
        f"{one.seconds:.3f} s",
        locks_of(one) or "none",
        f"{one.rows:,}",
        rewritten_of(one) or "none",
        f"{one.wal_bytes:,}",
        slowest if one.slowest_query else "none",
        str(one.failed_queries),
    ]


def _query(one: QueryReport) -> list[str]:
    times = [f"{one.p99_seconds * 1000:.1f} ms", f"{one.slowest_seconds * 1000:.1f} ms"]
    return [one.name, str(one.count), str(one.failed), *times]


def _rows(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
