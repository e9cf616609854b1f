"""The two halves of a migration file: found by their markers, checked, split into statements."""

import re
from dataclasses import dataclass
from pathlib import Path

from howdah.operations.migrations.backfill import Backfill, parse_backfill
from howdah.operations.migrations.mistakes import mistake
from howdah.operations.migrations.statements import SqlStatement, split_statements

MARKER = re.compile(r"^--\s*migrate:(?P<direction>\w+)[^\S\n]*(?P<options>[^\n]*)$", re.MULTILINE)
IRREVERSIBLE = re.compile(r"^--\s*irreversible:[^\S\n]*(?P<reason>[^\n]*)$", re.MULTILINE)
TRANSACTION_CONTROL = frozenset({"begin", "commit", "end", "rollback", "start", "abort"})


@dataclass(frozen=True)
class Section:
    """The up or the down half of a file; lines count from 1 within the file."""

    statements: tuple[SqlStatement, ...]
    in_transaction: bool
    backfill: Backfill | None = None
    """How its one statement is run in batches, if it is."""


def markers_of(path: Path, text: str) -> tuple[re.Match[str], re.Match[str]]:
    """The up and the down marker, of which each must be there once, in this order.

    Down also where there is no way back: dbmate refuses a file without it.
    """
    markers = list(MARKER.finditer(text))
    found = [marker["direction"] for marker in markers]
    for direction in ("up", "down"):
        if direction not in found:
            raise mistake(
                path,
                f"it has no `-- migrate:{direction}` section",
                f"Add one; `-- migrate:{direction}` stands on a line of its own"
                + (", with nothing below it where there is no way back." * (direction == "down")),
            )
    if found != ["up", "down"]:
        raise mistake(
            path,
            f"its sections are {', '.join(found)}",
            "Keep one `-- migrate:up` and after it one `-- migrate:down`.",
        )
    if split_statements(text[: markers[0].start()]):
        raise mistake(
            path,
            "there are statements before `-- migrate:up`",
            "Only comments may stand there.",
        )
    return markers[0], markers[1]


def irreversible_of(path: Path, text: str) -> str:
    """Why there is no way back; empty when there is one."""
    found = IRREVERSIBLE.search(text)
    if found is None:
        return ""
    reason = found["reason"].strip()
    if not reason:
        raise mistake(
            path,
            "it says `-- irreversible:` without a reason",
            "Say why on the same line, for whoever wants to go back.",
        )
    return reason


def down_of(path: Path, text: str, marker: re.Match[str], irreversible: str) -> Section:
    """The way back; without statements for a migration that says why it has none."""
    if not irreversible:
        return section_of(path, text, marker, end=len(text))
    if split_statements(text[marker.end() :]):
        raise mistake(
            path,
            "it says `-- irreversible:` and has a down section",
            "Keep one of the two.",
        )
    return Section((), in_transaction=True)


def section_of(path: Path, text: str, marker: re.Match[str], end: int) -> Section:
    in_transaction = _in_transaction(path, marker)
    line_before = text.count("\n", 0, marker.end())
    statements = tuple(
        SqlStatement(statement.text, line_before + statement.line)
        for statement in split_statements(text[marker.end() : end])
    )
    _check_statements(path, marker["direction"], statements, in_transaction)
    backfill = parse_backfill(
        path, text[marker.end() : end], statements, in_transaction=in_transaction
    )
    return Section(statements, in_transaction, backfill)


def _in_transaction(path: Path, marker: re.Match[str]) -> bool:
    options = marker["options"].split()
    if options not in ([], ["transaction:true"], ["transaction:false"]):
        raise mistake(
            path,
            f"`{marker[0]}` has an option that is not known",
            "The one option is transaction:false.",
        )
    return options != ["transaction:false"]


def _check_statements(
    path: Path, direction: str, statements: tuple[SqlStatement, ...], in_transaction: bool
) -> None:
    if not statements:
        raise mistake(
            path,
            f"its {direction} section is empty",
            "Write the statements; where there is nothing to do, `SELECT 1;` and a comment why"
            + ("; where there is no way back, `-- irreversible: REASON`." * (direction == "down")),
        )
    if not in_transaction and len(statements) > 1:
        raise mistake(
            path,
            f"its {direction} section has transaction:false and {len(statements)} statements",
            "Keep one statement there and move the others to migrations of their own: "
            "sent together, they would run in a transaction after all.",
        )
    for statement in statements:
        if in_transaction and statement.first_word in TRANSACTION_CONTROL:
            raise mistake(
                path,
                f"line {statement.line} begins or ends a transaction",
                "Remove it: the whole section is one transaction already.",
            )
