"""Run one section of one file, together with its entry in the ledger."""

import time

import psycopg

from howdah.operations.migrations.alone import apply_alone
from howdah.operations.migrations.backfill_run import apply_backfill
from howdah.operations.migrations.execute import WATCH, execute, with_patience
from howdah.operations.migrations.failures import MigrationFailed, commit_failed
from howdah.operations.migrations.files import Migration
from howdah.operations.migrations.history import Direction
from howdah.operations.migrations.session import Session

__all__ = ["MigrationFailed", "apply_section"]


def apply_section(session: Session, migration: Migration, direction: Direction) -> None:
    """Run the section and enter it in the ledger. Raises MigrationFailed.

    In a transaction both happen or neither. Outside of one the ledger is told before and after,
    so that the next run knows of an interruption.
    """
    section = migration.section(direction)
    if section.backfill:
        with WATCH.get()(session, migration, section.statements[0]):
            apply_backfill(session, migration, direction, section.backfill)
    elif section.in_transaction:
        with_patience(session, lambda: _in_transaction(session, migration, direction))
    else:
        apply_alone(session, migration, direction)
    try:
        session.renew()
    except psycopg.Error as failure:
        raise commit_failed(migration, failure) from failure


def _in_transaction(session: Session, migration: Migration, direction: Direction) -> None:
    section = migration.section(direction)
    begun = time.monotonic()
    try:
        with session.connection.transaction():
            for statement in section.statements:
                execute(session, migration, section, statement)
            session.ledger.finish(migration, direction, time.monotonic() - begun)
    except psycopg.Error as failure:  # the entry, or COMMIT: deferred constraints, a lost server
        raise commit_failed(migration, failure) from failure
