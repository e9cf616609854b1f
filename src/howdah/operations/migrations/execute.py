"""Send one statement of a migration; try again what a lock kept from running."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar

import psycopg
from psycopg import errors

from howdah.operations.migrations.failures import MigrationFailed, statement_failed
from howdah.operations.migrations.files import Migration, Section
from howdah.operations.migrations.session import Session
from howdah.operations.migrations.statements import SqlStatement

Watch = Callable[[Session, Migration, SqlStatement], AbstractContextManager[None]]


def unwatched(_: Session, __: Migration, ___: SqlStatement) -> AbstractContextManager[None]:
    """Nobody looks on."""
    return nullcontext()


WATCH: ContextVar[Watch] = ContextVar("migration statements", default=unwatched)
"""Who looks on while each statement runs: a rehearsal, which measures it."""
WORTH_ANOTHER_TRY = (errors.LockNotAvailable, errors.DeadlockDetected)


def execute(
    session: Session, migration: Migration, section: Section, statement: SqlStatement
) -> None:
    """Raises MigrationFailed, from what PostgreSQL said."""
    try:
        with WATCH.get()(session, migration, statement):
            session.connection.execute(statement.text.encode())
    except psycopg.Error as failure:
        raise statement_failed(migration, section, statement, failure) from failure


def with_patience(session: Session, attempt: Callable[[], None]) -> None:
    """Try again when a lock was not to be had: a bounded number of times, in growing pauses.

    Between attempts nothing waits in PostgreSQL, so nobody queues behind the runner.
    """
    for pause in session.patience.pauses():
        try:
            attempt()
        except MigrationFailed as failure:
            if not isinstance(failure.__cause__, WORTH_ANOTHER_TRY):
                raise
            session.report(f"A lock was not to be had; trying again in {pause:g} s.")
            time.sleep(pause)
        else:
            return
    attempt()
