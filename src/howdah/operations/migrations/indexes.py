"""Indexes built or dropped beside the writers: what the statement is about, and what it leaves.

An interrupted CREATE INDEX CONCURRENTLY leaves an index that is not valid: it costs every write,
may refuse rows as a unique one, serves no query, and IF NOT EXISTS takes it for the index.
"""

import re
from dataclasses import dataclass

import psycopg
from psycopg import sql

from howdah.operations.migrations.failures import MigrationFailed, reason
from howdah.operations.migrations.files import Migration
from howdah.operations.migrations.session import Session
from howdah.operations.migrations.statements import IDENTIFIER, QUALIFIED, SqlStatement

CREATE = re.compile(
    rf"create\s+(?:unique\s+)?index\s+concurrently\s+(?:if\s+not\s+exists\s+)?"
    rf"(?P<name>{IDENTIFIER})\s+on\s+(?:only\s+)?(?P<table>{QUALIFIED})",
    re.IGNORECASE,
)
DROP = re.compile(
    rf"drop\s+index\s+concurrently\s+(?:if\s+exists\s+)?(?P<name>{QUALIFIED})", re.IGNORECASE
)
REINDEX = re.compile(
    rf"reindex\s+(?:\([^)]*\)\s*)?(?P<what>index|table)\s+concurrently\s+(?P<name>{QUALIFIED})",
    re.IGNORECASE,
)
# Of a new index by its name and table; of a rebuilt one by the names that PostgreSQL gives.
REMAINS = """
    SELECT nspname, built.relname
    FROM pg_index
    JOIN pg_class AS built ON built.oid = indexrelid
    JOIN pg_namespace ON pg_namespace.oid = built.relnamespace
    WHERE NOT indisvalid AND built.relkind = 'i' AND indrelid = to_regclass(%(table)s)
        AND (built.relname = (parse_ident(%(name)s))[1]
             OR %(rebuilt)s AND built.relname ~ '_cc(new|old)[0-9]*$')
"""
BUILT_BY = """
    SELECT pid FROM pg_stat_progress_create_index
    WHERE datname = current_database() AND relid = to_regclass(%(table)s)
"""
IS_VALID = """
    SELECT indisvalid FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indrelid = to_regclass(%(table)s) AND relname = (parse_ident(%(name)s))[1]
"""
TABLE_OF = "SELECT indrelid::regclass::text FROM pg_index WHERE indexrelid = to_regclass(%s)"
IS_GONE = "SELECT to_regclass(%s) IS NULL"


@dataclass(frozen=True)
class ConcurrentIndex:
    """What a statement with CONCURRENTLY is about; names as they are written in it.

    `table` is empty for a DROP, and for a REINDEX INDEX until the catalog is asked.
    """

    verb: str
    name: str
    table: str


def concurrent_index(statement: SqlStatement) -> ConcurrentIndex | None:
    """What the statement builds, rebuilds or drops concurrently, if it does."""
    text = statement.bare
    if found := CREATE.match(text):
        return ConcurrentIndex("create", found["name"], found["table"])
    if found := DROP.match(text):
        return ConcurrentIndex("drop", found["name"], "")
    if found := REINDEX.match(text):
        whole_table = found["what"].lower() == "table"
        return ConcurrentIndex("reindex", found["name"], found["name"] if whole_table else "")
    return None


def is_achieved(session: Session, index: ConcurrentIndex) -> bool:
    """Whether the catalog already is as the statement would leave it."""
    if index.verb == "drop":
        return session.connection.execute(IS_GONE, (index.name,)).fetchone() == (True,)
    if index.verb == "create":
        return session.connection.execute(IS_VALID, vars(index)).fetchone() == (True,)
    return False


def remove_remains(session: Session, migration: Migration, index: ConcurrentIndex) -> None:
    """Drop what an earlier attempt left that is not valid, and say so.

    Raises MigrationFailed when it cannot be dropped, and when somebody else builds an index of
    the table at this moment: that one is not valid yet either.
    """
    if index.verb == "drop":  # what is left of it, it drops itself
        return
    try:
        _remove(session, index)
    except psycopg.Error as failure:
        raise MigrationFailed(
            f"Before {migration.path.name} what an interrupted build had left could not be "
            f"dropped: {reason(failure)}.",
            hint="An old transaction may be in the way: the oldest xact_start in "
            "pg_stat_activity shows which; migrate again when it is gone.",
        ) from failure


def _remove(session: Session, index: ConcurrentIndex) -> None:
    about = {"name": index.name, "table": _table(session, index)}
    found = session.connection.execute(REMAINS, {**about, "rebuilt": index.verb == "reindex"})
    for schema, name in found.fetchall():
        if builder := session.connection.execute(BUILT_BY, about).fetchone():
            raise MigrationFailed(
                f"The index {name} is being built by PostgreSQL's process {builder[0]}.",
                hint="Wait for it to finish, or end it, then migrate again.",
            )
        session.connection.execute(
            sql.SQL("DROP INDEX CONCURRENTLY {}").format(sql.Identifier(schema, name))
        )
        session.report(f"{name}: an interrupted build had left it not valid; dropped.")


def _table(session: Session, index: ConcurrentIndex) -> str:
    if index.table:
        return index.table
    row = session.connection.execute(TABLE_OF, (index.name,)).fetchone()
    return str(row[0]) if row else ""
