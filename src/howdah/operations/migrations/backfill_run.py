"""Run a backfill: batch after batch, each a transaction together with the note of how far it got.

Interrupted anywhere, the next run goes on after the last batch that was kept; no row is changed
twice. It ends though writes go on: what it will reach is decided when it begins.
"""

import time
from dataclasses import replace

import psycopg

from howdah.operations.migrations.backfill import Backfill
from howdah.operations.migrations.backfill_keys import (
    Keys,
    batch_range,
    keys_of,
    last_key,
    next_key,
    tidy_indexes,
)
from howdah.operations.migrations.backfill_progress import (
    Progress,
    create_progress,
    end_progress,
    keep_progress,
    read_progress,
    start_progress,
)
from howdah.operations.migrations.execute import with_patience
from howdah.operations.migrations.failures import (
    MigrationFailed,
    ledger_failed,
    reason,
    statement_failed,
)
from howdah.operations.migrations.files import Migration
from howdah.operations.migrations.history import Direction
from howdah.operations.migrations.session import Session

REPORT_SECONDS = 5.0
TIDY_SECONDS = 1.0


def apply_backfill(
    session: Session, migration: Migration, direction: Direction, backfill: Backfill
) -> None:
    """Run what is left of it and enter its end in the ledger. Raises MigrationFailed."""
    begun = time.monotonic()
    try:
        create_progress(session.connection)
        keys = keys_of(session.connection, migration, backfill)
        progress = _begin(session, migration, direction, keys)
        done = _batches(session, migration, direction, keys, progress) if progress else None
        _finish(session, migration, direction, done, time.monotonic() - begun)
    except psycopg.Error as failure:
        raise ledger_failed(migration, failure) from failure
    except MigrationFailed as failure:
        if not session.connection.broken:
            cause = failure.__cause__
            why = reason(cause) if isinstance(cause, psycopg.Error) else failure.message
            session.ledger.fail(migration, direction, time.monotonic() - begun, why)
        raise


def _begin(
    session: Session, migration: Migration, direction: Direction, keys: Keys
) -> Progress | None:
    """Where an interrupted run stopped, or from the first row on; None for an empty table."""
    session.ledger.begin(migration, direction)
    kept = read_progress(session.connection, migration, direction)
    if kept:
        session.report(f"{migration.name}: goes on after {kept.rows:,} rows")
        return kept
    last = last_key(session.connection, keys)
    return start_progress(session.connection, migration, direction, last) if last else None


def _batches(
    session: Session, migration: Migration, direction: Direction, keys: Keys, progress: Progress
) -> Progress:
    backfill = migration.section(direction).backfill
    assert backfill is not None
    told = tidied = time.monotonic()
    while progress.done_key != progress.last_key:
        begun, before = time.monotonic(), progress
        done: list[Progress] = []
        with_patience(
            session,
            lambda: done.append(_batch(session, migration, direction, keys, before)),  # noqa: B023
        )
        progress = done[-1]
        _slow_down(progress.rows - before.rows, backfill.rows_per_second, begun)
        if time.monotonic() - tidied >= TIDY_SECONDS:
            tidy_indexes(session.connection, backfill)
            tidied = time.monotonic()
        if time.monotonic() - told >= REPORT_SECONDS:
            told = time.monotonic()
            seen = progress.batches * backfill.batch_rows
            session.report(
                f"{migration.name}: {progress.rows:,} rows changed; looked at {seen:,} "
                f"of about {max(keys.rows, seen):,}"
            )
    tidy_indexes(session.connection, backfill)
    return progress


def _batch(
    session: Session, migration: Migration, direction: Direction, keys: Keys, progress: Progress
) -> Progress:
    """One transaction: the rows of a range, and the note that they are done."""
    section = migration.section(direction)
    backfill = section.backfill
    assert backfill is not None
    connection = session.connection
    try:
        with connection.transaction():
            end = next_key(connection, keys, progress, backfill.batch_rows) or progress.last_key
            condition = batch_range(keys, progress, end).as_string(connection)
            statement = f"{backfill.before}{condition}{backfill.after}"
            changed = connection.execute(statement.encode()).rowcount
            after = replace(
                progress,
                done_key=end,
                rows=progress.rows + max(changed, 0),
                batches=progress.batches + 1,
            )
            keep_progress(connection, migration, direction, after)
    except psycopg.Error as failure:
        raise statement_failed(migration, section, section.statements[0], failure) from failure
    return after


def _slow_down(rows: int, rows_per_second: int, begun: float) -> None:
    """A batch takes at least as long as its rows are allowed to."""
    time.sleep(max(0.0, rows / rows_per_second - (time.monotonic() - begun)))


def _finish(
    session: Session,
    migration: Migration,
    direction: Direction,
    done: Progress | None,
    seconds: float,
) -> None:
    rows, batches = (done.rows, done.batches) if done else (0, 0)
    with session.connection.transaction():
        note = f"{rows:,} rows in {batches:,} batch{'' if batches == 1 else 'es'}"
        session.ledger.finish(migration, direction, seconds, note)
        end_progress(session.connection, migration, direction)
    session.report(f"{migration.name}: {note}")
