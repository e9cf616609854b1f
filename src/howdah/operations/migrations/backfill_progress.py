"""How far a backfill has got: one row while it runs, so that the next run goes on from there."""

from collections.abc import Sequence
from dataclasses import dataclass

from howdah.operations.migrations.files import Migration
from howdah.operations.migrations.history import Direction
from howdah.operations.roles.connect import Connection

CREATE = """
    CREATE TABLE IF NOT EXISTS migrations.backfills (
        version   varchar NOT NULL,
        direction text NOT NULL,
        sha256    text NOT NULL,
        last_key  text[] NOT NULL,
        done_key  text[],
        rows      bigint NOT NULL DEFAULT 0,
        batches   bigint NOT NULL DEFAULT 0,
        PRIMARY KEY (version, direction)
    )
"""
READ = """
    SELECT last_key, done_key, rows, batches FROM migrations.backfills
    WHERE (version, direction, sha256) = (%s, %s, %s)
"""
START = """
    INSERT INTO migrations.backfills (version, direction, sha256, last_key)
    VALUES (%(version)s, %(direction)s, %(sha256)s, %(last_key)s)
    ON CONFLICT (version, direction) DO UPDATE
    SET (sha256, last_key, done_key, rows, batches) = (%(sha256)s, %(last_key)s, NULL, 0, 0)
"""
ADVANCE = """
    UPDATE migrations.backfills SET (done_key, rows, batches) = (%s, %s, %s)
    WHERE (version, direction) = (%s, %s)
"""
END = "DELETE FROM migrations.backfills WHERE (version, direction) = (%s, %s)"
UNFINISHED = "SELECT version, direction, rows FROM migrations.backfills ORDER BY 1, 2"
EXISTS = "SELECT to_regclass('migrations.backfills') IS NOT NULL"


@dataclass(frozen=True)
class Progress:
    """Keys are the values of the primary key's columns, as text.

    `last_key` was the greatest when it began: rows that come later are the business of whoever
    writes them, and the backfill ends though writes go on.
    """

    last_key: tuple[str, ...]
    done_key: tuple[str, ...] | None = None
    rows: int = 0
    batches: int = 0


def create_progress(connection: Connection) -> None:
    """Create the table where it is missing."""
    if connection.execute(EXISTS).fetchone() != (True,):
        connection.execute(CREATE)


def read_progress(
    connection: Connection, migration: Migration, direction: Direction
) -> Progress | None:
    """How far an interrupted run of this very file has got; None when there was none."""
    about = (migration.version, direction, migration.sha256)
    row = connection.execute(READ, about).fetchone()
    if row is None:
        return None
    last, done, rows, batches = row
    return Progress(tuple(last), tuple(done) if done else None, rows, batches)


def start_progress(
    connection: Connection, migration: Migration, direction: Direction, last_key: Sequence[str]
) -> Progress:
    """From the first row to the one that is the last now."""
    about = {
        "version": migration.version,
        "direction": direction,
        "sha256": migration.sha256,
        "last_key": list(last_key),
    }
    connection.execute(START, about)
    return Progress(tuple(last_key))


def keep_progress(
    connection: Connection, migration: Migration, direction: Direction, progress: Progress
) -> None:
    """In the transaction of the batch: both are kept or neither."""
    key = list(progress.done_key) if progress.done_key else None
    about = (migration.version, direction)
    connection.execute(ADVANCE, (key, progress.rows, progress.batches, *about))


def end_progress(connection: Connection, migration: Migration, direction: Direction) -> None:
    """In the transaction that enters the end in the ledger."""
    connection.execute(END, (migration.version, direction))


def unfinished(connection: Connection) -> dict[tuple[str, str], int]:
    """Version and direction → rows changed so far. Changes nothing."""
    if connection.execute(EXISTS).fetchone() != (True,):
        return {}
    rows = connection.execute(UNFINISHED).fetchall()
    return {(version, direction): count for version, direction, count in rows}
