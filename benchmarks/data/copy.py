"""Rows in PostgreSQL's COPY text format, sent in blocks."""

from collections.abc import Iterable

import psycopg
from psycopg.rows import TupleRow

from benchmarks.data.documents import Document
from benchmarks.data.scale import FIRST_ORG_ID, Scale
from benchmarks.data.users import User

_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})
_BLOCK_LINES = 500
DOCUMENT_COLUMNS = "id, title, content, author_id, org_id, tags, created_at, updated_at"
# No password of a bench user is known to anybody: this is no hash.
_NO_PASSWORD = "!"


def copy_line(*values: object) -> str:
    """One row; tuples become PostgreSQL arrays of plain words."""
    return "\t".join(_field(value) for value in values) + "\n"


def _field(value: object) -> str:
    if isinstance(value, tuple):
        return "{" + ",".join(value) + "}"
    return str(value).translate(_ESCAPES)


def document_line(row: Document) -> str:
    moment = row.created_at.isoformat()
    return copy_line(
        row.id, row.title, row.content, row.author_id, row.org_id, row.tags, moment, moment
    )


def user_line(row: User) -> str:
    return copy_line(row.id, row.email, row.full_name, _NO_PASSWORD, row.metadata)


def membership_line(row: User) -> str:
    return copy_line(row.org_id, row.id, row.role)


def organization_lines(scale: Scale) -> Iterable[str]:
    for org_id in range(FIRST_ORG_ID, FIRST_ORG_ID + scale.organizations):
        slug = scale.org_slug(org_id)
        yield copy_line(org_id, f"Organization {slug}", slug)


def copy_lines(
    connection: psycopg.Connection[TupleRow], table: str, columns: str, lines: Iterable[str]
) -> None:
    """Sends the lines to the table."""
    statement = f"COPY {table} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement.encode()) as copy:
        block: list[str] = []
        for line in lines:
            block.append(line)
            if len(block) == _BLOCK_LINES:
                copy.write("".join(block))
                block.clear()
        copy.write("".join(block))
