"""Run one section of one file, together with its line in the ledger."""

import time
from collections.abc import Callable

import psycopg
from psycopg import errors

from howdah.foundation.errors import CommandFailed
from howdah.operations.migrations.files import Migration, Section
from howdah.operations.migrations.session import Patience
from howdah.operations.migrations.statements import SqlStatement
from howdah.operations.roles.connect import Connection

LedgerChange = Callable[[Connection, str], None]
WORTH_ANOTHER_TRY = (errors.LockNotAvailable, errors.DeadlockDetected)
INVALID_INDEXES = """
    SELECT relname FROM pg_index JOIN pg_class ON oid = indexrelid WHERE NOT indisvalid
"""


class MigrationFailed(CommandFailed):
    """A migration did not run."""

    code = "migration_failed"


def apply_section(
    connection: Connection,
    migration: Migration,
    section: Section,
    change_ledger: LedgerChange,
    patience: Patience,
) -> None:
    """Run the section and change the ledger. Raises MigrationFailed.

    In a transaction both happen or neither; outside of one the ledger follows the success.
    """
    if section.in_transaction:
        _apply_in_transaction(connection, migration, section, change_ledger, patience)
    else:
        _apply_alone(connection, migration, section)
        change_ledger(connection, migration.version)
    # A SET in one file must not reach the next: each runs as if it ran alone.
    connection.execute("RESET ALL")


def _apply_in_transaction(
    connection: Connection,
    migration: Migration,
    section: Section,
    change_ledger: LedgerChange,
    patience: Patience,
) -> None:
    """All of it in one transaction, tried again when a lock was not to be had."""
    pause = patience.first_pause_seconds
    for left in reversed(range(patience.attempts)):
        try:
            with connection.transaction():
                for statement in section.statements:
                    _execute(connection, migration, section, statement)
                change_ledger(connection, migration.version)
            return
        except MigrationFailed as failure:
            if left == 0 or not isinstance(failure.__cause__, WORTH_ANOTHER_TRY):
                raise
        time.sleep(pause)
        pause *= 2


def _apply_alone(connection: Connection, migration: Migration, section: Section) -> None:
    """One statement as it stands, so that it may run where a transaction may not."""
    (statement,) = section.statements
    if "concurrently" in statement.words.split():
        # It waits without holding anybody up, and giving up would leave an invalid index.
        connection.execute("SET lock_timeout = 0")
    _execute(connection, migration, section, statement)
    for name in _invalid_indexes(connection):
        if name in statement.text:
            # IF NOT EXISTS finds the remains of an interrupted build and says nothing.
            raise MigrationFailed(
                f"After {migration.path.name} the index {name} is not valid.",
                hint=f"`DROP INDEX CONCURRENTLY {name}`, then migrate again.",
            )


def _execute(
    connection: Connection, migration: Migration, section: Section, statement: SqlStatement
) -> None:
    try:
        connection.execute(statement.text.encode())
    except psycopg.Error as failure:
        line = _line(statement, failure.diag.statement_position)
        raise MigrationFailed(
            f"Migration {migration.path.name} failed at line {line} with {_reason(failure)}.",
            hint=_hint(section, failure),
            file=str(migration.path),
            line=line,
            sqlstate=failure.sqlstate,
        ) from failure


def _invalid_indexes(connection: Connection) -> list[str]:
    return [name for (name,) in connection.execute(INVALID_INDEXES).fetchall()]


def _line(statement: SqlStatement, position: str | None) -> int:
    """The line in the file; PostgreSQL's position counts characters of the statement from 1."""
    before = statement.text[: int(position) - 1] if position else ""
    return statement.line + before.count("\n")


def _reason(failure: psycopg.Error) -> str:
    diagnostics = failure.diag
    message = (diagnostics.message_primary or str(failure)).strip()
    detail = f" ({diagnostics.message_detail.rstrip('.')})" if diagnostics.message_detail else ""
    return f"{failure.sqlstate or 'a lost connection'}: {message}{detail}"


def _hint(section: Section, failure: psycopg.Error) -> str:
    if not section.in_transaction:
        return (
            "It ran outside a transaction, so look at what it left (an index that is not valid: "
            "`DROP INDEX CONCURRENTLY`), then migrate again."
        )
    if isinstance(failure, errors.LockNotAvailable):
        return (
            "Nothing of it was kept. Another session holds a lock for long: the oldest xact_start "
            "in pg_stat_activity shows which; migrate again when it is gone."
        )
    return "Nothing of it was kept; correct the file and migrate again."
