"""The recipes of docs/how-to/change-a-table-online.md: they run, keep the rows, and go back."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_down, migrate_up, migration_status
from howdah.operations.migrations.files import read_migrations
from howdah.operations.migrations.lint import lint_migrations
from howdah.operations.migrations.plan import MigrationsDisagree
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly

RECIPES = Path(__file__).parents[2] / "benchmarks" / "recipes"
ROWS = """
INSERT INTO users (email, full_name, password_hash) VALUES ('a@example.com', 'A', 'x');
INSERT INTO organizations (name, slug, settings) VALUES ('Acme', 'acme', '{}');
INSERT INTO documents (title, content, author_id, org_id)
SELECT n, 'About postgres.', users.id, organizations.id
FROM generate_series(1, 1200) AS n, users, organizations WHERE email = 'a@example.com';
"""
WITHOUT_THE_LAST = -2


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


def test_they_run_and_end_in_the_new_type(after_ours: Settings) -> None:
    before = migration_status(after_ours)
    assert migrate_up(after_ours) == list(before.pending)
    assert types(after_ours) == [("pages", "bigint")]
    with connect_directly(after_ours, OWNER) as connection:
        connection.execute("UPDATE documents SET pages = 5000000000 WHERE title = '7'")
        found = connection.execute(
            "SELECT pages, count(*), max(revision) FROM documents GROUP BY 1 ORDER BY 1"
        ).fetchall()
    # Filling is nobody's edit: no document has a second revision.
    assert found == [(1, 1199, 1), (5_000_000_000, 1, 1)]


def test_each_but_the_last_can_be_taken_back(after_ours: Settings) -> None:
    ours = len(migration_status(after_ours).applied)
    files = read_migrations(after_ours.migrations)
    migrate_up(after_ours, files[WITHOUT_THE_LAST].version)
    with connect_directly(after_ours, OWNER) as connection:
        connection.execute("UPDATE documents SET pages = 3 WHERE title = '7'")
    migrate_down(after_ours, to=files[ours].version)
    assert types(after_ours) == [("pages", "integer")]
    with connect_directly(after_ours, OWNER) as connection:
        kept = connection.execute("SELECT title FROM documents WHERE pages = 3").fetchall()
    assert kept == [("7",)]
    migrate_down(after_ours)
    assert types(after_ours) == []


def test_the_last_says_why_it_cannot(after_ours: Settings) -> None:
    migrate_up(after_ours)
    with pytest.raises(MigrationsDisagree, match="the old column is gone"):
        migrate_down(after_ours)


def test_no_rule_is_broken(after_ours: Settings) -> None:
    names = [path.name for path in after_ours.migrations.glob("*_recipe_*.sql")]
    assert lint_migrations(after_ours, names) == []
