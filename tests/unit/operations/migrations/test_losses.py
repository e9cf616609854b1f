from pathlib import Path

import pytest

from howdah.operations.migrations.files import parse_migration, read_migrations
from howdah.operations.migrations.losses import losses_of

MIGRATIONS = Path(__file__).parents[4] / "migrations"


def losses(down: str) -> list[tuple[str, str]]:
    text = f"-- migrate:up\nSELECT 1;\n-- migrate:down\n{down};\n"
    return [
        (loss.table, loss.column) for loss in losses_of(parse_migration(Path("001_a.sql"), text))
    ]


@pytest.mark.parametrize(
    ("down", "expected"),
    [
        ("DROP TABLE teams", [("teams", "")]),
        ('drop table if exists public.teams, "Odd" CASCADE', [("public.teams", ""), ('"Odd"', "")]),
        ("ALTER TABLE teams DROP COLUMN name", [("teams", "name")]),
        (
            "ALTER TABLE ONLY teams DROP a, DROP COLUMN IF EXISTS b",
            [("teams", "a"), ("teams", "b")],
        ),
        ("TRUNCATE TABLE teams", [("teams", "")]),
        ("DELETE FROM teams WHERE id > 7", [("teams", "")]),
        ("DO $$ BEGIN DELETE FROM teams; END $$", [("", "")]),
        ("DROP SCHEMA howdah CASCADE", [("", "")]),
        ("DROP /* all */ TABLE -- of them\n teams", [("teams", "")]),
        ("ALTER TABLE teams DROP CONSTRAINT c, ALTER COLUMN a DROP NOT NULL", []),
        ("ALTER TABLE teams ALTER a DROP DEFAULT, ALTER b DROP IDENTITY IF EXISTS", []),
        ("DROP INDEX i; DROP FUNCTION f(); DROP VIEW v; DROP SCHEMA howdah", []),
        ("UPDATE teams SET name = 'DROP TABLE teams'", []),
    ],
)
def test_what_a_way_back_deletes_is_seen(down: str, expected: list[tuple[str, str]]) -> None:
    assert losses(down) == expected


def test_every_table_of_the_product_is_seen_to_be_dropped() -> None:
    dropped = {loss.table for item in read_migrations(MIGRATIONS) for loss in losses_of(item)}
    assert {"users", "organizations", "documents", "jobs", "outbox"} <= dropped
