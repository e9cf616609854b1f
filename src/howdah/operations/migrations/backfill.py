"""The kind of section that changes many rows a batch at a time: how it is written.

    -- migrate:up transaction:false
    -- backfill: documents batch:1000 rate:5000
    UPDATE documents SET pages = 1 WHERE /* batch */ true AND pages IS NULL;

`/* batch */ true` is replaced by a range of the table's primary key; to dbmate and psql the file
is one plain UPDATE. Where several tables are joined, `/* batch of d */ true` names the alias.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from howdah.operations.migrations.mistakes import MigrationFileInvalid, mistake
from howdah.operations.migrations.statements import IDENTIFIER, QUALIFIED, SqlStatement

MARKER = re.compile(r"^--\s*backfill:(?P<rest>[^\n]*)$", re.MULTILINE)
REST = re.compile(
    rf"\s*(?P<table>{QUALIFIED})"
    r"(?:\s+batch:(?P<batch>[1-9]\d{0,6}))?(?:\s+rate:(?P<rate>[1-9]\d{0,8}))?\s*"
)
PLACE = re.compile(
    rf"/\*\s*batch(?:\s+of\s+(?P<alias>{IDENTIFIER}))?\s*\*/\s*true\b", re.IGNORECASE
)
BATCH_ROWS = 1_000
ROWS_PER_SECOND = 10_000


@dataclass(frozen=True)
class Backfill:
    """Which table's primary key the batches follow, and how fast; names as they are written."""

    table: str
    batch_rows: int
    rows_per_second: int
    before: str
    """The statement up to where the range of a batch goes."""
    after: str
    alias: str
    """What the statement calls the table; empty when it needs no name."""


def parse_backfill(
    path: Path, section: str, statements: Sequence[SqlStatement], *, in_transaction: bool
) -> Backfill | None:
    """The backfill that a section is, if it says so. Raises MigrationFileInvalid."""
    markers = list(MARKER.finditer(section))
    if not markers:
        return None
    described = REST.fullmatch(markers[0]["rest"])
    if described is None or len(markers) > 1:
        raise _invalid(path, "is not one line of the form TABLE [batch:ROWS] [rate:ROWS]")
    if in_transaction or len(statements) != 1:
        raise _invalid(path, "needs transaction:false and one statement")
    places = list(PLACE.finditer(statements[0].text))
    if len(places) != 1:
        raise _invalid(path, "needs `/* batch */ true` in its statement, once")
    (place,) = places
    return Backfill(
        table=described["table"],
        batch_rows=int(described["batch"] or BATCH_ROWS),
        rows_per_second=int(described["rate"] or ROWS_PER_SECOND),
        before=statements[0].text[: place.start()],
        after=statements[0].text[place.end() :],
        alias=place["alias"] or "",
    )


def _invalid(path: Path, what: str) -> MigrationFileInvalid:
    return mistake(
        path,
        f"its `-- backfill:` {what}",
        "Write it as `-- backfill: documents batch:1000 rate:5000` below `-- migrate:up "
        "transaction:false`, then one UPDATE, INSERT or DELETE with WHERE /* batch */ true AND ….",
    )
