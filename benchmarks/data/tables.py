"""Where the rows go: the product's tables, and the architecture document's beside them.

Schema `architecture` holds the documents table exactly as migrations 003 and 004 create it. Schema
`bench` holds what the benchmarks remember, and views that give peers the product's rows without
row-level security: they run the bare query over the same rows and indexes.
"""

import psycopg
from psycopg.rows import TupleRow

from benchmarks.data.scale import FIRST_ORG_ID, FIRST_USER_ID
from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import read_migrations

Connection = psycopg.Connection[TupleRow]

DOCUMENT_TABLES = ("public.documents", "architecture.documents")
LOADED_TABLES = ("public.users", "public.organizations", "public.memberships", *DOCUMENT_TABLES)
_ARCHITECTURE_MIGRATIONS = ("003", "004")

_BENCH_SCHEMA = """
CREATE SCHEMA IF NOT EXISTS bench;
CREATE TABLE IF NOT EXISTS bench.dataset (
    fingerprint text NOT NULL, documents integer NOT NULL, users integer NOT NULL,
    organizations integer NOT NULL, loaded_at timestamptz NOT NULL DEFAULT now(),
    seconds jsonb NOT NULL
);
CREATE TABLE IF NOT EXISTS bench.set_aside (
    table_name text NOT NULL, name text PRIMARY KEY, definition text NOT NULL
);
CREATE TABLE IF NOT EXISTS bench.words (
    word text PRIMARY KEY, documents integer NOT NULL, share double precision NOT NULL
);
CREATE TABLE IF NOT EXISTS bench.queries (
    query text PRIMARY KEY, source text NOT NULL, place integer NOT NULL
);
"""

_PEER_VIEWS = """
DROP VIEW IF EXISTS bench.documents;
CREATE VIEW bench.documents AS
    SELECT id, title, content, author_id, org_id, tags, language, revision, search_vector,
           updated_by, created_at, updated_at, deleted_at
    FROM public.documents;
GRANT USAGE ON SCHEMA bench TO app_write;
GRANT SELECT, INSERT ON bench.documents TO app_write;
"""


def create_tables(connection: Connection, settings: Settings) -> None:
    """Makes the schemas `bench` and `architecture` unless they are there. Needs a superuser."""
    connection.execute(_BENCH_SCHEMA)
    exists = connection.execute("SELECT to_regclass('architecture.documents')").fetchone()
    if exists is None or exists[0] is None:
        connection.execute("CREATE SCHEMA architecture")
        connection.execute("SET search_path = architecture, public")
        for migration in read_migrations(settings.migrations):
            if migration.version in _ARCHITECTURE_MIGRATIONS:
                for statement in migration.up.statements:
                    connection.execute(statement.text.encode())
        connection.execute("RESET search_path")
    connection.execute(_PEER_VIEWS)


def empty_tables(connection: Connection) -> None:
    """Removes what an earlier load left, and nothing that `up` or a person made.

    Documents and memberships of the benchmark stack all count as loaded, except memberships in
    organizations that are not ours.
    """
    connection.execute("TRUNCATE bench.dataset, bench.words, bench.queries, architecture.documents")
    connection.execute("TRUNCATE public.documents CASCADE")
    with connection.transaction():
        # Foreign keys would be checked row by row; nothing that points at these rows is kept.
        connection.execute("SET LOCAL session_replication_role = replica")
        for table, column, first in _owned_columns(connection):
            connection.execute(f"DELETE FROM {table} WHERE {column} >= {first}".encode())
        connection.execute("DELETE FROM public.users WHERE id >= %s", (FIRST_USER_ID,))
        connection.execute("DELETE FROM public.organizations WHERE id >= %s", (FIRST_ORG_ID,))


def _owned_columns(connection: Connection) -> list[tuple[str, str, int]]:
    """(table, column, first id of ours) of each foreign key to users and organizations."""
    rows = connection.execute(
        """
        SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
        FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f'
          AND c.confrelid IN ('public.users'::regclass, 'public.organizations'::regclass)
          AND c.conrelid NOT IN ('public.documents'::regclass, 'architecture.documents'::regclass)
        """
    ).fetchall()
    first_ids = {"users": FIRST_USER_ID, "organizations": FIRST_ORG_ID}
    return [(table, column, first_ids[target]) for table, column, target in rows]


def set_indexes_aside(connection: Connection) -> None:
    """Drops every index of the loaded tables that no constraint needs, and remembers it."""
    with connection.transaction():
        # An empty search path makes the definitions name every schema.
        connection.execute("SET LOCAL search_path = ''")
        connection.execute(
            """
            INSERT INTO bench.set_aside
            SELECT i.indrelid::regclass::text, i.indexrelid::regclass::text,
                   pg_get_indexdef(i.indexrelid)
            FROM pg_index i
            WHERE i.indrelid = ANY (%s::regclass[])
              AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = i.indexrelid)
            ON CONFLICT (name) DO UPDATE SET definition = excluded.definition
            """,
            (list(LOADED_TABLES),),
        )
        for (name,) in connection.execute("SELECT name FROM bench.set_aside").fetchall():
            connection.execute(f"DROP INDEX IF EXISTS {name}".encode())


def indexes_set_aside(connection: Connection) -> list[tuple[str, str]]:
    """(name, definition) of the indexes to build, those that take longest first."""
    return connection.execute(
        """
        SELECT name, definition FROM bench.set_aside
        ORDER BY definition ~ 'search_vector' DESC, definition ~ 'metadata' DESC, name
        """
    ).fetchall()  # type: ignore[return-value]


def build_index(connection: Connection, name: str, definition: str) -> None:
    """Builds it and forgets that it was set aside, in one transaction."""
    with connection.transaction():
        connection.execute("SET LOCAL maintenance_work_mem = '1GB'")
        connection.execute(definition.encode())
        connection.execute("DELETE FROM bench.set_aside WHERE name = %s", (name,))


def suspend_checks(connection: Connection) -> None:
    """Foreign keys are not checked while loading: the generators make valid ones.

    Triggers of the product stay on: they fill the search vector.
    """
    for table in LOADED_TABLES:
        connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL".encode())
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER".encode())


def resume_checks(connection: Connection) -> None:
    """Everything on again."""
    for table in LOADED_TABLES:
        connection.execute(f"ALTER TABLE {table} ENABLE TRIGGER ALL".encode())
