"""The ranges of a table's primary key that the batches of a backfill follow."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import sql

from howdah.operations.migrations.backfill import Backfill
from howdah.operations.migrations.backfill_progress import Progress
from howdah.operations.migrations.failures import MigrationFailed
from howdah.operations.migrations.files import Migration
from howdah.operations.roles.connect import Connection

PRIMARY_KEY = """
    SELECT nspname, relname, greatest(reltuples, 0)::bigint,
           array_agg(attname::text ORDER BY array_position(indkey::int2[], attnum))
    FROM pg_index
    JOIN pg_class ON pg_class.oid = indrelid
    JOIN pg_namespace ON pg_namespace.oid = relnamespace
    JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey::int2[])
    WHERE indrelid = to_regclass(%s) AND indisprimary
    GROUP BY nspname, relname, reltuples
"""
SOURCE = "source"
CLEAN = """
    SELECT gin_clean_pending_list(indexrelid)
    FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid JOIN pg_am ON pg_am.oid = relam
    WHERE indrelid = to_regclass(%s) AND amname = 'gin' AND relkind = 'i' AND indisvalid
"""
UNQUOTED = "SELECT (parse_ident(%s))[1]"


@dataclass(frozen=True)
class Keys:
    """The table, its primary key's columns, and about how many rows it has."""

    table: sql.Identifier
    columns: tuple[str, ...]
    rows: int
    alias: str
    """Unquoted; empty when the statement needs no name."""


def keys_of(connection: Connection, migration: Migration, backfill: Backfill) -> Keys:
    """Raises MigrationFailed for a table without a primary key."""
    row = connection.execute(PRIMARY_KEY, (backfill.table,)).fetchone()
    if row is None:
        raise MigrationFailed(
            f"Migration {migration.path.name} cannot be run in batches: there is no table "
            f"{backfill.table} with a primary key.",
            hint="Name a table that has one after `-- backfill:`; nothing was changed.",
        )
    schema, name, rows, columns = row
    alias = connection.execute(UNQUOTED, (backfill.alias,)).fetchone() if backfill.alias else None
    return Keys(sql.Identifier(schema, name), tuple(columns), rows, alias[0] if alias else "")


def last_key(connection: Connection, keys: Keys) -> tuple[str, ...] | None:
    """The greatest key there is now; None for an empty table."""
    return _key(
        connection,
        sql.SQL("SELECT {} FROM {} AS source ORDER BY {} LIMIT 1").format(
            _texts(keys), keys.table, _ordered(keys, sql.SQL(" DESC"))
        ),
    )


def next_key(
    connection: Connection, keys: Keys, progress: Progress, batch_rows: int
) -> tuple[str, ...] | None:
    """The key that ends the next batch; None when what is left is less than a batch."""
    return _key(
        connection,
        sql.SQL("SELECT {} FROM {} AS source WHERE {} ORDER BY {} OFFSET {} LIMIT 1").format(
            _texts(keys),
            keys.table,
            _range(keys, SOURCE, progress.done_key, progress.last_key),
            _ordered(keys, sql.SQL("")),
            sql.Literal(batch_rows - 1),
        ),
    )


def tidy_indexes(connection: Connection, backfill: Backfill) -> None:
    """Sort new entries of GIN indexes in: each search reads those that are not, one by one.

    A backfill makes so many that the planner would come to avoid the index; autovacuum comes late.
    """
    connection.execute(CLEAN, (backfill.table,))


def batch_range(keys: Keys, progress: Progress, end: Sequence[str]) -> sql.Composable:
    """The condition that stands in for `/* batch */ true`."""
    return _range(keys, keys.alias, progress.done_key, end)


def _range(
    keys: Keys, alias: str, after: Sequence[str] | None, end: Sequence[str]
) -> sql.Composable:
    """As PostgreSQL compares rows, which its indexes serve."""
    names = [sql.Identifier(*([alias] if alias else []), column) for column in keys.columns]
    columns = sql.SQL(", ").join(names)
    upper = sql.SQL("({}) <= ({})").format(columns, _literals(end))
    if after is None:
        return upper
    lower = sql.SQL("({}) > ({})").format(columns, _literals(after))
    return sql.SQL("({} AND {})").format(lower, upper)


def _literals(key: Sequence[str]) -> sql.Composable:
    """Untyped, so that PostgreSQL takes each for the type of its column."""
    return sql.SQL(", ").join(sql.Literal(value) for value in key)


def _texts(keys: Keys) -> sql.Composable:
    return sql.SQL(", ").join(
        sql.SQL("{}::text").format(sql.Identifier(SOURCE, column)) for column in keys.columns
    )


def _ordered(keys: Keys, way: sql.SQL) -> sql.Composable:
    """By the columns: a bare name would mean the text that is selected under it."""
    return sql.SQL(", ").join(sql.Identifier(SOURCE, column) + way for column in keys.columns)


def _key(connection: Connection, query: sql.Composed) -> tuple[str, ...] | None:
    row = connection.execute(query).fetchone()
    return tuple(row) if row else None
