"""Each rule of ours finds what it is for, and leaves alone what is written as its page says."""

import re
from pathlib import Path

import pytest

from howdah.operations.migrations.lint.rules import RULES
from howdah.operations.migrations.lint.source import Source

PAGES = Path(__file__).parents[5] / "docs" / "reference" / "migration-lint"
POLICY = "ALTER TABLE teams ENABLE ROW LEVEL SECURITY;"
TEAMS = "CREATE TABLE teams (\n    org_id integer NOT NULL,\n    name text\n);"
DEFINER = "CREATE FUNCTION f() RETURNS void LANGUAGE sql SECURITY DEFINER {} AS $$ SELECT 1 $$;"
REFERENCE = "ALTER TABLE documents\n    ADD COLUMN approved_by integer REFERENCES users(id);"
NEW_TABLE = "CREATE TABLE fresh (id integer);\n"

BROKEN = {
    "set-without-local": ["SET timezone = 'UTC';", "RESET ALL;"],
    "tenant-table-without-policy": [TEAMS],
    "definer-without-search-path": [DEFINER.format("")],
    "grant-on-all-tables": ["GRANT SELECT ON ALL TABLES IN SCHEMA public TO app_read;"],
    "grant-to-public": ["GRANT SELECT ON users TO app_read, PUBLIC;"],
    "unbatched-change": [
        "UPDATE documents SET language = 'x';",
        "DELETE FROM public.documents;",
        "WITH old AS (SELECT 1) UPDATE documents SET language = 'x';",
    ],
    "several-tables-locked": ["ALTER TABLE a ADD x int;\nALTER TABLE b ADD x int;"],
    "stops-the-table": [
        "VACUUM FULL documents;",
        "VACUUM (FULL) documents;",
        "CLUSTER documents;",
        "LOCK TABLE documents;",
        "REFRESH MATERIALIZED VIEW totals;",
        "ALTER TABLE documents SET UNLOGGED;",
    ],
    "foreign-key-without-index": [
        REFERENCE,
        "CREATE TABLE x (\n  a int,\n  FOREIGN KEY (a) REFERENCES users(id)\n);",
    ],
}
FINE = {
    "set-without-local": [
        "SET LOCAL timezone = 'UTC';",
        "SET CONSTRAINTS ALL DEFERRED;",
        "ALTER TABLE a SET (fillfactor = 70);",
    ],
    "tenant-table-without-policy": [
        f"{TEAMS}\n{POLICY}",
        "CREATE TABLE x (name text CHECK (name <> 'org_id'));",
        "CREATE TABLE x (\n    -- org_id integer\n    name text\n);",
    ],
    "definer-without-search-path": [
        DEFINER.format("SET search_path = pg_catalog"),
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT 'SECURITY DEFINER' $$;",
    ],
    "grant-on-all-tables": ["GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app_write;"],
    "grant-to-public": ["GRANT USAGE ON SCHEMA public TO app_read;"],
    "unbatched-change": [
        "-- backfill: documents\nUPDATE documents SET a = 1 WHERE /* batch */ true;",
        NEW_TABLE + "UPDATE fresh SET id = 1;",
        "INSERT INTO a VALUES (1);",
    ],
    "several-tables-locked": [
        "ALTER TABLE a ADD x int;\nALTER TABLE a ADD y int;",
        NEW_TABLE + "ALTER TABLE fresh ADD x int;\nALTER TABLE a ADD x int;",
    ],
    "stops-the-table": [
        "VACUUM documents;",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY totals;",
        "ALTER TABLE documents SET (fillfactor = 70);",
    ],
    "foreign-key-without-index": [
        f"{REFERENCE}\nCREATE INDEX i ON documents (approved_by, id);",
        f"{REFERENCE}\nCREATE INDEX i ON public.documents USING btree(approved_by);",
        "CREATE TABLE x (\n  a int REFERENCES users(id),\n  PRIMARY KEY (a)\n);",
        "CREATE TABLE x (\n  a int PRIMARY KEY REFERENCES users(id)\n);",
    ],
}


def source_of(up: str, head: str = "-- Why: a test") -> Source:
    text = f"{head}\n\n-- migrate:up\n{up}\n-- migrate:down\nSELECT 1;\n"
    return Source(Path("001_test.sql"), text)


def lines(rule: str, source: Source) -> list[int]:
    return [breach.line for breach in RULES[rule].check(source, [source])]


@pytest.mark.parametrize(("rule", "up"), [(rule, up) for rule, ups in BROKEN.items() for up in ups])
def test_a_broken_rule_is_found_on_its_line(rule: str, up: str) -> None:
    (line,) = lines(rule, source_of(up))
    assert 4 <= line <= 6


@pytest.mark.parametrize(("rule", "up"), [(rule, up) for rule, ups in FINE.items() for up in ups])
def test_what_keeps_to_the_rule_is_left_alone(rule: str, up: str) -> None:
    assert lines(rule, source_of(up)) == []


@pytest.mark.parametrize("head", ["", "-- Why:", "--\n-- why:  "])
def test_a_head_that_says_nothing_breaks_missing_why(head: str) -> None:
    assert lines("missing-why", source_of("SELECT 1;", head)) == [1]
    assert lines("missing-why", source_of("SELECT 1;", f"{head}\n-- Why: so.")) == []


def test_a_phase_is_pre_unless_the_head_says_post() -> None:
    assert source_of("SELECT 1;").phase == "pre"
    assert source_of("SELECT 1;", "-- Why: x\n-- phase: post (all code is new)").phase == "post"
    assert lines("unknown-phase", source_of("SELECT 1;", "-- phase: after")) == [1]


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_has_a_page_that_says_what_why_and_instead(rule: str) -> None:
    page = (PAGES / f"{rule}.md").read_text()
    assert re.findall(r"^#+ (.+)$", page, re.MULTILINE) == [rule, "What", "Why", "Instead"]


def test_every_page_is_of_a_rule() -> None:
    assert {page.stem for page in PAGES.glob("*.md")} == set(RULES)


def test_every_rule_is_tried_here() -> None:
    tried = {*BROKEN, "missing-why", "unknown-phase"}
    assert tried == set(RULES)
    assert set(FINE) == set(BROKEN)
