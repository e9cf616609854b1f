"""The data that taking a migration back deletes, counted before anybody is asked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from psycopg import errors, sql

from howdah.operations.migrations.files import Migration
from howdah.operations.migrations.statements import IDENTIFIER, QUALIFIED, SqlStatement
from howdah.operations.roles.connect import Connection

DROP_TABLE = re.compile(
    rf"drop\s+table\s+(?:if\s+exists\s+)?(?P<names>{QUALIFIED}(?:\s*,\s*{QUALIFIED})*)",
    re.IGNORECASE,
)
EMPTY = re.compile(
    rf"(?:truncate(?:\s+table)?|delete\s+from)\s+(?:only\s+)?"
    rf"(?P<names>{QUALIFIED}(?:\s*,\s*{QUALIFIED})*)",
    re.IGNORECASE,
)
ALTER_TABLE = re.compile(
    rf"alter\s+table\s+(?:if\s+exists\s+)?(?:only\s+)?(?P<table>{QUALIFIED})", re.IGNORECASE
)
DROP_COLUMN = re.compile(
    rf"drop\s+(?:column\s+)?(?:if\s+exists\s+)?"
    rf"(?!(?:constraint|default|not|identity|expression|column|if)\b)(?P<column>{IDENTIFIER})",
    re.IGNORECASE,
)
# Code may delete anything, and so may CASCADE from what tables and columns depend on.
OPAQUE = re.compile(
    r"(?:do|call)\b|drop\s+(?:schema|extension|type|domain|owned)\b.*\b(?:cascade|owned)\b",
    re.IGNORECASE,
)
NAME = re.compile(QUALIFIED)
COUNT_SECONDS = 10
LIMIT_COUNTING = "SELECT set_config('statement_timeout', %s, false)"
COLUMN = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attname = (parse_ident(%s))[1] AND NOT attisdropped
"""
PLACE_OF = """
    SELECT nspname, relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE pg_class.oid = to_regclass(%s)
"""
ESTIMATE = "SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = to_regclass(%s)"


@dataclass(frozen=True)
class Loss:
    """What one statement deletes: a table's rows, or the values of a column; or nobody can tell.

    `rows` is None for a statement that is too free to say (a DO block, a CASCADE from a schema),
    and before anything was counted. `counted` is false for the planner's estimate of a table that
    took too long to count.
    """

    migration: str
    statement: str
    table: str = ""
    column: str = ""
    rows: int | None = None
    counted: bool = True


def losses_of(migration: Migration) -> tuple[Loss, ...]:
    """What the down section deletes, without counts: pure."""
    return tuple(
        loss
        for statement in migration.down.statements
        for loss in _losses(migration.name, statement)
    )


def rows_lost(connection: Connection, losses: Sequence[Loss]) -> tuple[Loss, ...]:
    """The same with counts; without tables and columns that are not there.

    A table that is dropped whole is counted once, not again for its columns.
    """
    connection.execute(LIMIT_COUNTING, (f"{COUNT_SECONDS}s",))
    whole = {loss.table for loss in losses if loss.table and not loss.column}
    wanted = [loss for loss in losses if not (loss.column and loss.table in whole)]
    return tuple(found for loss in wanted if (found := _counted(connection, loss)))


def _losses(migration: str, statement: SqlStatement) -> Iterator[Loss]:
    text = " ".join(statement.bare.split())
    if found := DROP_TABLE.match(text) or EMPTY.match(text):
        yield from (Loss(migration, text, table=name) for name in NAME.findall(found["names"]))
    elif found := ALTER_TABLE.match(text):
        dropped = DROP_COLUMN.finditer(text, found.end())
        yield from (Loss(migration, text, found["table"], column["column"]) for column in dropped)
    elif OPAQUE.match(text):
        yield Loss(migration, text)


def _counted(connection: Connection, loss: Loss) -> Loss | None:
    """None when there is nothing of that name."""
    if not loss.table:
        return loss
    place = connection.execute(PLACE_OF, (loss.table,)).fetchone()
    what = _what(connection, loss)
    if place is None or what is None:
        return None
    try:
        found = connection.execute(
            sql.SQL("SELECT count({}) FROM {}").format(what, sql.Identifier(*place))
        )
        counted = True
    except (errors.QueryCanceled, errors.LockNotAvailable):
        found, counted = connection.execute(ESTIMATE, (loss.table,)), False
    row = found.fetchone()
    return replace(loss, rows=row[0] if row else None, counted=counted)


def _what(connection: Connection, loss: Loss) -> sql.Composable | None:
    """Rows, or those where the column holds something."""
    if not loss.column:
        return sql.SQL("*")
    column = connection.execute(COLUMN, (loss.table, loss.column)).fetchone()
    return sql.Identifier(column[0]) if column else None
