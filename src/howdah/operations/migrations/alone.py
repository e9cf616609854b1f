"""A section outside a transaction: one statement that may not run in one, or commits by itself.

It can end in the middle, so the ledger is told before it begins and after it ended; and what a
concurrent build leaves behind is cleaned away before and after it.
"""

import time

import psycopg

from howdah.operations.migrations.execute import execute, with_patience
from howdah.operations.migrations.failures import MigrationFailed, ledger_failed, reason
from howdah.operations.migrations.files import Migration, Section
from howdah.operations.migrations.history import Direction, interrupted
from howdah.operations.migrations.indexes import (
    ConcurrentIndex,
    concurrent_index,
    is_achieved,
    remove_remains,
)
from howdah.operations.migrations.session import Session

ALLOW_WAITING = "SELECT set_config('lock_timeout', %s, false)"
TIDY_PATIENCE = "60s"
ALLOW_LONG = "SELECT set_config('statement_timeout', %s, false)"


def apply_alone(session: Session, migration: Migration, direction: Direction) -> None:
    """Run the section's one statement as it stands. Raises MigrationFailed."""
    begun = time.monotonic()
    try:
        _build(session, migration, direction, begun)
        session.renew()
        with session.connection.transaction():
            session.ledger.finish(migration, direction, time.monotonic() - begun)
    except psycopg.Error as failure:
        raise ledger_failed(migration, failure) from failure


def _build(session: Session, migration: Migration, direction: Direction, begun: float) -> None:
    section = migration.section(direction)
    index = concurrent_index(section.statements[0])
    if index and _was_interrupted(session, migration, direction) and is_achieved(session, index):
        session.report(f"{index.name}: complete already when the last run was interrupted.")
        return
    session.ledger.begin(migration, direction)
    try:
        with_patience(session, lambda: _once(session, migration, section, index))
    except MigrationFailed as failure:
        if not session.connection.broken:
            _tidy(session, migration, index)
            session.ledger.fail(migration, direction, time.monotonic() - begun, _why(failure))
        raise


def _once(
    session: Session, migration: Migration, section: Section, index: ConcurrentIndex | None
) -> None:
    """One attempt, after whatever an earlier one left was cleaned away."""
    limit = f"{round(session.patience.alone_timeout_seconds * 1000)}ms"
    session.connection.execute(ALLOW_LONG, (limit,))
    if index:
        # It waits without holding anybody up, and giving up would leave an invalid index.
        session.connection.execute(ALLOW_WAITING, (limit,))
        remove_remains(session, migration, index)
    execute(session, migration, section, section.statements[0])


def _tidy(session: Session, migration: Migration, index: ConcurrentIndex | None) -> None:
    """What it cannot clean away now, the next run does; the first failure is the one to tell."""
    session.renew()
    if index is None:
        return
    session.connection.execute(ALLOW_WAITING, (TIDY_PATIENCE,))
    try:
        remove_remains(session, migration, index)
    except MigrationFailed as failure:
        session.report(f"{migration.name}: {failure.message}")
    session.renew()


def _was_interrupted(session: Session, migration: Migration, direction: Direction) -> bool:
    """Whether the last thing known of it is that this same file began this way."""
    return any(
        (entry.version, entry.direction, entry.sha256)
        == (migration.version, direction, migration.sha256)
        for entry in interrupted(session.ledger.entries())
    )


def _why(failure: MigrationFailed) -> str:
    cause = failure.__cause__
    return reason(cause) if isinstance(cause, psycopg.Error) else failure.message
