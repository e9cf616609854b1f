"""Which referencing columns lead no index: read from the text of the whole folder.

A column is indexed when it comes first in an index, a primary key or a unique constraint that any
file makes. Names only, so an index that a later file drops still counts; the database itself is
asked by `tests/database`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from howdah.operations.migrations.lint.source import Source, bare
from howdah.operations.migrations.statements import SqlStatement

TABLE = re.compile(
    r"\s*(?:CREATE|ALTER)\s+TABLE\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?:ONLY\s+)?(?:public\.)?(\w+)",
    re.IGNORECASE,
)
COLUMN_REFERENCE = re.compile(
    r"^\s*(?:ADD\s+)?(?:COLUMN\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(?P<column>\w+)\s[^,]*?\bREFERENCES\b",
    re.IGNORECASE | re.MULTILINE,
)
KEY_REFERENCE = re.compile(
    r"FOREIGN\s+KEY\s*\(\s*(?P<column>\w+)[^)]*\)\s*REFERENCES", re.IGNORECASE
)
COLUMN_KEY = re.compile(
    r"^\s*(?:ADD\s+)?(?:COLUMN\s+)?(\w+)\s[^,]*?\b(?:UNIQUE|PRIMARY\s+KEY)\b(?!\s*\()",
    re.IGNORECASE | re.MULTILINE,
)
TABLE_KEY = re.compile(r"\b(?:UNIQUE|PRIMARY\s+KEY)\s*\(\s*(\w+)", re.IGNORECASE)
INDEX = re.compile(
    r"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s.*?\bON\s+(?:ONLY\s+)?(?:public\.)?(\w+)\s*"
    r"(?:USING\s+\w+\s*)?\(\s*(\w+)",
    re.IGNORECASE | re.DOTALL,
)
NO_COLUMNS = frozenset({"constraint", "foreign", "primary", "unique", "check", "exclude"})


@dataclass(frozen=True)
class Reference:
    """A column that refers to another table, and the line it is declared on."""

    table: str
    column: str
    line: int


def unindexed_references(source: Source, folder: Sequence[Source]) -> Iterator[Reference]:
    """The references that this file adds and that nothing in the folder indexes."""
    indexed = {pair for each in folder for pair in _indexed(each)}
    for statement in source.section("up").statements:
        for reference in _references(statement):
            if (reference.table, reference.column) not in indexed:
                yield reference


def _references(statement: SqlStatement) -> Iterator[Reference]:
    text = bare(statement.text)
    table = TABLE.match(text)
    if table is None:
        return
    for pattern in (COLUMN_REFERENCE, KEY_REFERENCE):
        for match in pattern.finditer(text, _body(text)):
            if match["column"].lower() not in NO_COLUMNS:
                line = statement.line + text.count("\n", 0, match.start("column"))
                yield Reference(table[1], match["column"], line)


def _body(text: str) -> int:
    """Where the columns begin: behind the line that names the table."""
    return text.find("\n") + 1


def _indexed(source: Source) -> Iterator[tuple[str, str]]:
    """Table and first column of every index of the way up."""
    for statement in source.section("up").statements:
        text = bare(statement.text)
        if index := INDEX.match(text):
            yield index[1], index[2]
        elif table := TABLE.match(text):
            for pattern in (COLUMN_KEY, TABLE_KEY):
                yield from ((table[1], match[1]) for match in pattern.finditer(text, _body(text)))
