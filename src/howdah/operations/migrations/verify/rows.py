"""Rows that travel with the migrations, and what became of them.

`migrations/seeds/NNN.sql` is run after the way up of NNN; the rows are there from then on.
"""

from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg import sql

from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER, SUPERUSER
from howdah.operations.roles.connect import connect_directly

TABLES = """
    SELECT quote_ident(nspname) || '.' || quote_ident(relname), nspname, relname
    FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'm') AND nspname <> 'information_schema' AND nspname !~ '^pg_'
    ORDER BY 1
"""
CONTENTS = """
    SELECT count(*)::text || ' rows, ' || md5(coalesce(string_agg(r, E'\\n' ORDER BY r), ''))
    FROM (SELECT to_jsonb(t)::text AS r FROM {} AS t) AS every
"""
"""As JSON, whose keys are sorted: a column that comes last after a way down is the same column."""

Contents = Mapping[str, str]


class SeedsInvalid(CommandFailed):
    """Rows for the proof could not be written."""

    code = "seeds_invalid"


def seed(settings: Settings, version: str) -> bool:
    """Write the rows that follow this version, if any. Raises SeedsInvalid."""
    file = seeds_of(settings, version)
    if not file.is_file():
        return False
    try:
        with connect_directly(settings, OWNER) as connection, connection.transaction():
            connection.execute(file.read_bytes())
    except psycopg.Error as failure:
        raise SeedsInvalid(
            f"{file} failed with {failure.sqlstate}: {failure.diag.message_primary}.",
            hint=f"It runs on the schema as it is right after migration {version}.",
        ) from failure
    return True


def seeds_of(settings: Settings, version: str) -> Path:
    """The file of rows that follows this version; it need not exist."""
    return settings.migrations / "seeds" / f"{version}.sql"


def table_names(settings: Settings) -> frozenset[str]:
    """Every table there is now."""
    with connect_directly(settings, SUPERUSER) as connection:
        return frozenset(name for name, *_ in connection.execute(TABLES).fetchall())


def contents(settings: Settings, without: frozenset[str]) -> Contents:
    """Each table's rows as a count and a hash; `without` are tables that do not count."""
    with connect_directly(settings, SUPERUSER) as connection:
        found = {}
        for name, schema, table in connection.execute(TABLES).fetchall():
            if name not in without:
                row = connection.execute(
                    sql.SQL(CONTENTS).format(sql.Identifier(schema, table))
                ).fetchone()
                assert row is not None
                found[name] = str(row[0])
        return found


def lost(before: Contents, after: Contents) -> list[str]:
    """Tables whose rows are not what they were, each with both states."""
    return [
        f"{name}: {state}; now {after.get(name, 'there is no such table')}"
        for name, state in before.items()
        if after.get(name) != state
    ]
