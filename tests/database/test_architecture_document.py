"""Migrations 001 to 004 create what the architecture document writes, and its queries run.

The queries run verbatim on that schema and on the newest one: what is mended later keeps the
document true.
"""

from collections.abc import Iterator

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_up
from howdah.operations.migrations.files import read_migrations
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import Connection, connect_directly

NOW = "CURRENT_TIMESTAMP"
STAMP = "timestamp without time zone"

# Table → (column, type, NOT NULL, default or generated expression), in the document's order.
# metadata and search_vector come with 002 and 004, so they stand last.
COLUMNS = {
    "users": [
        ("id", "integer", True, "nextval('users_id_seq'::regclass)"),
        ("email", "character varying(255)", True, None),
        ("full_name", "character varying(255)", True, None),
        ("password_hash", "character varying(255)", True, None),
        ("role", "character varying(50)", True, "'user'::character varying"),
        ("created_at", STAMP, False, NOW),
        ("updated_at", STAMP, False, NOW),
        ("metadata", "jsonb", False, None),
    ],
    "organizations": [
        ("id", "integer", True, "nextval('organizations_id_seq'::regclass)"),
        ("name", "character varying(255)", True, None),
        ("slug", "character varying(100)", True, None),
        ("settings", "jsonb", False, None),
        ("created_at", STAMP, False, NOW),
        ("updated_at", STAMP, False, NOW),
    ],
    "documents": [
        ("id", "integer", True, "nextval('documents_id_seq'::regclass)"),
        ("title", "character varying(500)", True, None),
        ("content", "text", True, None),
        ("author_id", "integer", False, None),
        ("org_id", "integer", False, None),
        ("tags", "text[]", False, None),
        ("created_at", STAMP, False, NOW),
        ("updated_at", STAMP, False, NOW),
        (
            "search_vector",
            "tsvector",
            False,
            "to_tsvector('english'::regconfig, (((title)::text || ' '::text) || content))",
        ),
    ],
}

INDEXES = {
    "users_pkey": "CREATE UNIQUE INDEX users_pkey ON public.users USING btree (id)",
    "users_email_key": "CREATE UNIQUE INDEX users_email_key ON public.users USING btree (email)",
    "idx_users_email": "CREATE INDEX idx_users_email ON public.users USING btree (email)",
    "idx_users_role": "CREATE INDEX idx_users_role ON public.users USING btree (role)",
    "idx_users_metadata": "CREATE INDEX idx_users_metadata ON public.users USING gin (metadata)",
    "idx_users_metadata_gin": "CREATE INDEX idx_users_metadata_gin ON public.users "
    "USING gin (metadata jsonb_path_ops)",
    "organizations_pkey": "CREATE UNIQUE INDEX organizations_pkey ON public.organizations "
    "USING btree (id)",
    "organizations_slug_key": "CREATE UNIQUE INDEX organizations_slug_key "
    "ON public.organizations USING btree (slug)",
    "idx_orgs_slug": "CREATE INDEX idx_orgs_slug ON public.organizations USING btree (slug)",
    "documents_pkey": "CREATE UNIQUE INDEX documents_pkey ON public.documents USING btree (id)",
    "idx_documents_search": "CREATE INDEX idx_documents_search ON public.documents "
    "USING gin (search_vector)",
    "idx_documents_tags": "CREATE INDEX idx_documents_tags ON public.documents USING gin (tags)",
}

CONSTRAINTS = {
    "users_pkey": "PRIMARY KEY (id)",
    "users_email_key": "UNIQUE (email)",
    "organizations_pkey": "PRIMARY KEY (id)",
    "organizations_slug_key": "UNIQUE (slug)",
    "documents_pkey": "PRIMARY KEY (id)",
    "documents_author_id_fkey": "FOREIGN KEY (author_id) REFERENCES users(id)",
    "documents_org_id_fkey": "FOREIGN KEY (org_id) REFERENCES organizations(id)",
}

SEARCH = """
SELECT title, ts_rank(search_vector, query) AS rank
FROM documents, to_tsquery('english', 'database & postgres') query
WHERE search_vector @@ query
ORDER BY rank DESC;
"""
PREFERENCE = """
SELECT * FROM users
WHERE metadata @> '{"notifications": {"email": true}}';
"""
SELECT_COLUMNS = """
SELECT attname, format_type(atttypid, atttypmod), attnotnull, pg_get_expr(adbin, adrelid)
FROM pg_attribute
LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
ORDER BY attnum
"""


@pytest.fixture
def documented(empty_database: Settings) -> Settings:
    """A database after 004, the last migration of the document."""
    migrate_up(empty_database, "004")
    return empty_database


@pytest.fixture(params=["004", "the newest"])
def connection(request: pytest.FixtureRequest, empty_database: Settings) -> Iterator[Connection]:
    """The owner, on the document's schema and on ours."""
    migrate_up(empty_database, None if request.param == "the newest" else request.param)
    with connect_directly(empty_database, OWNER) as connection:
        yield connection


def test_the_files_have_the_names_of_the_document(settings: Settings) -> None:
    names = [migration.path.name for migration in read_migrations(settings.migrations)]
    assert names[:4] == [
        "001_initial_schema.sql",
        "002_add_users_metadata.sql",
        "003_create_documents_table.sql",
        "004_add_fulltext_search.sql",
    ]


@pytest.mark.parametrize("table", COLUMNS)
def test_the_columns_are_those_of_the_document(documented: Settings, table: str) -> None:
    with connect_directly(documented, OWNER) as connection:
        assert connection.execute(SELECT_COLUMNS, (table,)).fetchall() == COLUMNS[table]


def test_the_search_vector_is_generated_and_stored(documented: Settings) -> None:
    with connect_directly(documented, OWNER) as connection:
        generated = connection.execute(
            "SELECT attrelid::regclass::text, attname FROM pg_attribute "
            "WHERE attgenerated = 's' AND NOT attisdropped"
        ).fetchall()
    assert generated == [("documents", "search_vector")]


def test_the_tables_indexes_and_constraints_are_those_of_the_document_and_no_others(
    documented: Settings,
) -> None:
    with connect_directly(documented, OWNER) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        indexes = connection.execute(
            "SELECT indexname, indexdef FROM pg_indexes "
            "WHERE schemaname = 'public' AND tablename <> 'schema_migrations'"
        )
        constraints = connection.execute(
            "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE conrelid = ANY ('{users, organizations, documents}'::regclass[])"
        )
        assert {name for (name,) in tables.fetchall()} == {*COLUMNS, "schema_migrations"}
        assert dict(indexes.fetchall()) == INDEXES
        assert dict(constraints.fetchall()) == CONSTRAINTS


def test_its_search_query_runs_verbatim(connection: Connection) -> None:
    org, author = write_rows(connection)
    connection.execute(
        "INSERT INTO documents (title, content, author_id, org_id, tags) VALUES "
        "('Databases', 'Postgres is a database; a database is not Postgres.', %(a)s, %(o)s, '{}'),"
        "('Postgres', 'One database.', %(a)s, %(o)s, ARRAY['postgres']),"
        "('Cooking', 'Nothing of the kind.', %(a)s, %(o)s, '{}')",
        {"a": author, "o": org},
    )
    found = connection.execute(SEARCH).fetchall()
    assert {title for title, _ in found} == {"Databases", "Postgres"}
    assert [rank for _, rank in found] == sorted((rank for _, rank in found), reverse=True)


def test_its_preference_query_runs_verbatim(connection: Connection) -> None:
    _, author = write_rows(connection)
    cursor = connection.execute(PREFERENCE)
    assert cursor.description is not None
    names = [column.name for column in cursor.description]
    assert [row[names.index("id")] for row in cursor.fetchall()] == [author]


def test_its_preference_query_can_use_the_path_index(connection: Connection) -> None:
    connection.execute("SET enable_seqscan = off")
    plan = connection.execute("EXPLAIN " + PREFERENCE).fetchall()
    assert "idx_users_metadata_gin" in str(plan)


def test_tags_are_found_by_what_they_contain(connection: Connection) -> None:
    org, author = write_rows(connection)
    connection.execute(
        "INSERT INTO documents (title, content, author_id, org_id, tags) "
        "VALUES ('Tagged', '', %s, %s, ARRAY['howto', 'postgres'])",
        (author, org),
    )
    found = connection.execute("SELECT title FROM documents WHERE tags @> ARRAY['postgres']")
    assert found.fetchall() == [("Tagged",)]


def write_rows(connection: Connection) -> tuple[int, int]:
    """An organization and a user who wants e-mail, and another who does not; the first two ids."""
    org = connection.execute(
        "INSERT INTO organizations (name, slug, settings) "
        "VALUES ('Acme', 'acme', '{\"theme\": \"dark\"}') RETURNING id"
    ).fetchone()
    author = connection.execute(
        "INSERT INTO users (email, full_name, password_hash, metadata) VALUES "
        "('ann@example.com', 'Ann', 'x', '{\"notifications\": {\"email\": true, \"sms\": false}}')"
        " RETURNING id"
    ).fetchone()
    connection.execute(
        "INSERT INTO users (email, full_name, password_hash, role, metadata) VALUES "
        "('bob@example.com', 'Bob', 'x', 'admin', '{\"notifications\": {\"email\": false}}')"
    )
    assert org is not None
    assert author is not None
    return org[0], author[0]
