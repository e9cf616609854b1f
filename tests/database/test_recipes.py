"""The recipes of docs/how-to/change-a-table-online.md: they run, keep the rows, and go back."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_down, migrate_up, migration_status
from howdah.operations.migrations.dump import comparable, dump_schema
from howdah.operations.migrations.files import read_migrations
from howdah.operations.migrations.lint import lint_migrations
from howdah.operations.migrations.plan import MigrationsDisagree
from howdah.operations.roles.catalog import OWNER, WRITER
from howdah.operations.roles.connect import connect_directly

RECIPES = Path(__file__).parents[2] / "benchmarks" / "recipes"
ROWS = """
INSERT INTO users (email, full_name, password_hash) VALUES ('a@example.com', 'A', 'x');
INSERT INTO organizations (name, slug, settings) VALUES ('Acme', 'acme', '{}');
INSERT INTO documents (title, content, author_id, org_id)
SELECT n, 'About postgres.', users.id, organizations.id
FROM generate_series(1, 1200) AS n, users, organizations WHERE email = 'a@example.com';
UPDATE documents SET content = 'More about postgres.' WHERE title::integer > 1100;
"""
ONE_MORE = """
INSERT INTO documents (title, content, author_id, org_id)
SELECT 'The next', 'About postgres.', author_id, org_id FROM documents LIMIT 1
"""
CHANGED = "UPDATE documents SET content = 'postgres' WHERE title = 'The next'"
READ = "SELECT id, title FROM howdah.get_document({org}, {id}::{kind})"
LISTED = "SELECT id FROM howdah.newest_documents({org}, 'infinity', 0::{kind}, 1)"
FOUND = (
    "SELECT id FROM howdah.search_documents('postgres', 1, NULL, NULL, NULL, NULL, NULL, NULL, "
    "NULL, NULL, NULL::{kind}, 2000)"
)
REVISED = "SELECT count(*) FROM document_revisions WHERE document_id = %s"
BIGGER_THAN_INTEGER = 5_000_000_000


@pytest.fixture
def after_ours(fresh_database: Settings, tmp_path: Path) -> Settings:
    """A folder with our migrations and the recipes after them; documents in the table."""
    folder = tmp_path / "migrations"
    shutil.copytree(fresh_database.migrations, folder)
    number = len(read_migrations(folder))
    for path in sorted(RECIPES.glob("*.sql")):
        number += 1
        shutil.copy(path, folder / f"{number:03d}_recipe_{path.stem}.sql")
    with connect_directly(fresh_database, OWNER) as connection:
        connection.execute(ROWS)
    return replace(fresh_database, checkout=tmp_path)


def types(settings: Settings) -> list[tuple[str, str]]:
    with connect_directly(settings, OWNER) as connection:
        rows = connection.execute(
            "SELECT attname, format_type(atttypid, NULL) FROM pg_attribute "
            "WHERE attrelid = 'documents'::regclass AND attname ~ '^pages' AND NOT attisdropped"
        ).fetchall()
    return sorted((str(name), str(kind)) for name, kind in rows)


def before(settings: Settings, recipe: str) -> str:
    """The version of the migration that comes before a recipe's file."""
    (found,) = settings.migrations.glob(f"*_recipe_{recipe}.sql")
    return f"{int(found.name.partition('_')[0]) - 1:03d}"


def ask(settings: Settings, query: str, kind: str = "integer", **values: object) -> object:
    """What the application is told; `kind` is the type in which its release passes ids."""
    with connect_directly(settings, OWNER) as connection:
        org = connection.execute("SELECT id FROM organizations").fetchone()
    assert org
    with connect_directly(settings, WRITER) as connection, connection.transaction():
        connection.execute("SELECT set_config('app.org_id', %s, true)", (str(org[0]),))
        text = query.format(org=org[0], kind=kind, **values)
        return connection.execute(text.encode()).fetchone()


def test_they_run_and_end_in_the_new_types(after_ours: Settings) -> None:
    pending = migration_status(after_ours).pending
    assert migrate_up(after_ours) == list(pending)
    assert types(after_ours) == [("pages", "bigint")]
    with connect_directly(after_ours, OWNER) as connection:
        # Filling is nobody's edit: no document has another revision.
        filled = "SELECT pages, revision, count(*) FROM documents GROUP BY 1, 2 ORDER BY 1, 2"
        assert connection.execute(filled).fetchall() == [(1, 1, 1100), (1, 2, 100)]
        connection.execute("UPDATE documents SET pages = 5000000000 WHERE title = '7'")
        connection.execute("SELECT setval('documents_id_seq', %s, false)", (BIGGER_THAN_INTEGER,))
        connection.execute(ONE_MORE)
        connection.execute(CHANGED)
        assert connection.execute(REVISED, (BIGGER_THAN_INTEGER,)).fetchone() == (1,)
    big = (BIGGER_THAN_INTEGER, "The next")
    assert ask(after_ours, READ, "bigint", id=BIGGER_THAN_INTEGER) == big
    assert ask(after_ours, LISTED, "bigint") == big[:1]
    assert ask(after_ours, FOUND, "bigint")
    with connect_directly(after_ours, OWNER) as connection:
        connection.execute("DELETE FROM documents WHERE title = 'The next'")
        assert connection.execute(REVISED, (BIGGER_THAN_INTEGER,)).fetchone() == (0,)


def test_each_but_the_last_can_be_taken_back(after_ours: Settings) -> None:
    ours, begun = before(after_ours, "1_column_with_default"), dump_schema(after_ours)
    migrate_up(after_ours, before(after_ours, "4_type_6_contract"))
    with connect_directly(after_ours, OWNER) as connection:
        connection.execute("UPDATE documents SET pages = 3 WHERE title = '7'")
    migrate_down(after_ours, to=before(after_ours, "4_type_1_expand"))
    assert types(after_ours) == [("pages", "integer")]
    with connect_directly(after_ours, OWNER) as connection:
        kept = connection.execute("SELECT title FROM documents WHERE pages = 3").fetchall()
    assert kept == [("7",)]
    migrate_down(after_ours, to=ours)
    assert comparable(dump_schema(after_ours)) == comparable(begun)


def test_the_code_of_both_releases_reads_and_writes_while_the_id_grows(
    after_ours: Settings,
) -> None:
    start = before(after_ours, "5_id_01_expand")
    migrate_up(after_ours, start)
    begun = dump_schema(after_ours)
    migrate_up(after_ours, before(after_ours, "5_id_15_contract"))
    with connect_directly(after_ours, OWNER) as connection:
        connection.execute(ONE_MORE)
        connection.execute(CHANGED)
        new = connection.execute("SELECT max(id) FROM documents").fetchone()
    assert new
    for kind in ("integer", "bigint"):
        assert ask(after_ours, READ, kind, id=new[0]) == (*new, "The next")
        assert ask(after_ours, LISTED, kind) == new
        assert ask(after_ours, FOUND, kind)
    migrate_down(after_ours, to=start)
    assert comparable(dump_schema(after_ours)) == comparable(begun)
    assert ask(after_ours, READ, id=new[0]) == (*new, "The next")
    with connect_directly(after_ours, OWNER) as connection:
        assert connection.execute(REVISED, new).fetchone() == (1,)


def test_the_last_says_why_it_cannot(after_ours: Settings) -> None:
    migrate_up(after_ours)
    with pytest.raises(MigrationsDisagree, match="the old columns are gone"):
        migrate_down(after_ours)


def test_no_rule_is_broken(after_ours: Settings) -> None:
    names = [path.name for path in after_ours.migrations.glob("*_recipe_*.sql")]
    assert lint_migrations(after_ours, names) == []
