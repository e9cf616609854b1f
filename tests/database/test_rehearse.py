"""A rehearsal tells what a migration will do to those who use the tables."""

import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from howdah.entrypoints.cli import migrate_rehearse
from howdah.foundation.errors import InvalidInput
from howdah.foundation.processes.run import run
from howdah.foundation.settings import Settings
from howdah.operations.migrations.apply import MigrationFailed
from howdah.operations.migrations.dump import PG_DUMP, address, credentials
from howdah.operations.migrations.rehearse import Plan, Rehearsal, StatementReport, rehearse
from howdah.operations.migrations.scratch import PREFIX
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import Connection, connect_directly
from tests.database.migration_files import up_and_down

DOCUMENTS = 1000
ROWS = """
INSERT INTO users (email, full_name, password_hash) VALUES ('ann@example.com', 'Ann', 'secret');
INSERT INTO organizations (name, slug) VALUES ('Acme', 'acme');
INSERT INTO memberships (org_id, user_id, role) SELECT o.id, u.id, 'owner'
FROM users u, organizations o;
INSERT INTO documents (title, content, author_id, org_id)
SELECT 'The database ' || n, 'Confidential words of the database', u.id, o.id
FROM generate_series(1, {documents}) AS n, users u, organizations o;
"""
Rehearse = Callable[..., Rehearsal]


def unheard(_: str) -> None:
    """Nobody listens."""


@pytest.fixture
def production(fresh_database: Settings, tmp_path: Path) -> Settings:
    """A migrated database with documents, and a folder of migrations to add to."""
    with connect_directly(fresh_database, OWNER) as connection:
        connection.execute(ROWS.format(documents=DOCUMENTS).encode())
    shutil.copytree(fresh_database.migrations, tmp_path / "migrations")
    return replace(fresh_database, checkout=tmp_path)


@pytest.fixture
def rehearsed(production: Settings) -> Rehearse:
    """The rehearsal of one new migration with these two ways."""

    def go(up: str, down: str = "SELECT 1;", option: str = "", **plan: object) -> Rehearsal:
        add(production, up_and_down(up, down, option))
        options = {"requests_per_second": 200.0, "warm_up_seconds": 0.2, **plan}
        return rehearse(production, Plan(**options), unheard)  # type: ignore[arg-type]

    return go


def copies(admin: Connection) -> int:
    """Copies that were left behind."""
    query = "SELECT count(*) FROM pg_database WHERE starts_with(datname, %s)"
    (count,) = admin.execute(query, (PREFIX,)).fetchone() or (None,)
    assert isinstance(count, int)
    return count


def add(production: Settings, text: str) -> None:
    """A migration with the next number."""
    number = sum(path.name[0].isdigit() for path in production.migrations.glob("*.sql")) + 1
    (production.migrations / f"{number:03d}_rehearsed.sql").write_text(text)


def first(found: Rehearsal) -> StatementReport:
    return found.statements[0]


def locks(report: StatementReport) -> dict[str, str]:
    return {lock.table: lock.mode for lock in report.locks}


def test_a_harmless_migration_passes_and_went_up_down_and_up(rehearsed: Rehearse) -> None:
    found = rehearsed(
        "ALTER TABLE documents ADD COLUMN approved boolean;",
        "ALTER TABLE documents DROP COLUMN approved;",
    )
    assert found.problems == ()
    assert [one.direction for one in found.statements] == ["up", "down", "up again"]
    assert locks(first(found)) == {"public.documents": "AccessExclusiveLock"}
    assert first(found).rewritten == {}
    assert first(found).wal_bytes > 0
    assert sum(query.count for query in found.meanwhile) > 0
    assert found.rows["documents"] == DOCUMENTS


def test_a_rewritten_table_is_named_with_its_rows_and_its_wal(rehearsed: Rehearse) -> None:
    found = rehearsed(
        "ALTER TABLE documents ADD COLUMN drawn float8 NOT NULL DEFAULT random();",
        "ALTER TABLE documents DROP COLUMN drawn;",
    )
    report = first(found)
    assert report.rewritten["documents"] >= DOCUMENTS
    assert report.wal_bytes > 100_000


def test_changed_rows_are_counted_and_locks_last_to_the_end_of_the_transaction(
    rehearsed: Rehearse,
) -> None:
    found = rehearsed("UPDATE documents SET source_path = NULL;\nSELECT pg_sleep(0.3);")
    update, sleep, *_ = found.statements
    assert update.rows >= DOCUMENTS
    assert locks(update)["public.documents"] == "RowExclusiveLock"
    (held,) = [lock.held_seconds for lock in update.locks if lock.table == "public.documents"]
    assert held > update.seconds + 0.25
    assert "public.documents" not in locks(sleep)


def test_locks_of_a_statement_that_commits_by_itself_are_seen(
    production: Settings, rehearsed: Rehearse
) -> None:
    # Such locks are sampled, so the index entry of the one organization takes its time.
    slowly = """
        CREATE FUNCTION slowly(text) RETURNS text IMMUTABLE LANGUAGE sql
        AS $$ SELECT $1 FROM pg_sleep(0.5) $$
    """
    with connect_directly(production, OWNER) as connection:
        connection.execute(slowly)
    found = rehearsed(
        "CREATE INDEX CONCURRENTLY rehearsed ON organizations (slowly(name));",
        "DROP INDEX CONCURRENTLY rehearsed;",
        option=" transaction:false",
        longest_query_seconds=10.0,
    )
    assert locks(first(found))["public.organizations"] == "ShareUpdateExclusiveLock"
    assert found.problems == ()


def test_who_makes_the_application_wait_too_long_does_not_pass(rehearsed: Rehearse) -> None:
    slow = "ALTER TABLE documents ADD COLUMN x int;\nSELECT pg_sleep(1);"
    found = rehearsed(slow, "ALTER TABLE documents DROP COLUMN x;", longest_query_seconds=0.5)
    assert not found.passed
    assert "0.5 s is the limit" in found.problems[0]
    assert found.statements[1].slowest_query_seconds > 0.5


def test_who_breaks_the_application_does_not_pass(rehearsed: Rehearse) -> None:
    found = rehearsed(
        "ALTER TABLE documents RENAME COLUMN title TO heading;\n"
        "ALTER TABLE documents DISABLE TRIGGER USER;",
        "ALTER TABLE documents ENABLE TRIGGER USER;\n"
        "ALTER TABLE documents RENAME COLUMN heading TO title;",
    )
    assert any("queries of the application failed" in problem for problem in found.problems)
    assert any('42703: column "title" does not exist' in failure for failure in found.failures)


def test_a_way_back_that_does_not_lead_back_does_not_pass(rehearsed: Rehearse) -> None:
    found = rehearsed("CREATE TABLE IF NOT EXISTS left_over ();")
    assert "DOWN does not bring the schema back" in found.problems


def test_a_backfill_is_one_report(rehearsed: Rehearse) -> None:
    found = rehearsed(
        "-- backfill: documents batch:500\n"
        "UPDATE documents SET source_path = 'a' || id WHERE /* batch */ true;",
        "-- backfill: documents\nUPDATE documents SET source_path = NULL WHERE /* batch */ true;",
        option=" transaction:false",
    )
    assert [one.direction for one in found.statements] == ["up", "down", "up again"]
    assert first(found).rows >= DOCUMENTS
    assert found.problems == ()


def test_a_dump_is_restored_in_either_format(production: Settings, tmp_path: Path) -> None:
    add(production, up_and_down("CREATE TABLE t ();", "DROP TABLE t;"))
    for form in ("custom", "plain"):
        file = tmp_path / f"{form}.dump"
        command = [PG_DUMP, f"--format={form}", f"--file={file}", *address(production)]
        run(command, env=credentials(production))
        found = rehearse(production, Plan(dump=file, warm_up_seconds=0.1), unheard)
        assert found.problems == ()
        assert found.rows["documents"] == DOCUMENTS
    with pytest.raises(InvalidInput, match="cannot be read"):
        rehearse(production, Plan(dump=tmp_path / "nowhere"), unheard)


def test_a_statement_that_fails_is_a_sentence_and_no_copy_stays(
    rehearsed: Rehearse, admin_connection: Connection
) -> None:
    with pytest.raises(MigrationFailed, match='42703: column "no_such" of relation'):
        rehearsed("ALTER TABLE documents DROP COLUMN no_such;")
    assert copies(admin_connection) == 0


def test_a_lock_that_was_not_to_be_had_at_once_is_told(
    production: Settings, admin_connection: Connection
) -> None:
    add(
        production,
        up_and_down(
            "CREATE TABLE t ();\nALTER TABLE documents ADD COLUMN x int;",
            "ALTER TABLE documents DROP COLUMN x;\nDROP TABLE t;",
        ),
    )
    holders: list[Connection] = []

    def hold(step: str) -> None:
        if step != "masking personal data":
            return
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        (name,) = admin_connection.execute(query, (PREFIX,)).fetchone() or ("",)
        holder = connect_directly(production, OWNER, name)
        holder.execute("BEGIN")
        holder.execute("SELECT count(*) FROM documents")
        holders.append(holder)
        threading.Timer(3.0, holder.close).start()

    found = rehearse(production, Plan(warm_up_seconds=0.1), hold)
    up = [one for one in found.statements if one.direction == "up"]
    assert [one.gave_up for one in up][-2:] == [False, False]
    assert any(one.gave_up for one in up)
    assert found.problems == ()


def test_a_lost_connection_is_a_sentence_and_no_copy_stays(
    rehearsed: Rehearse, admin_connection: Connection
) -> None:
    with pytest.raises(MigrationFailed, match="terminating connection"):
        rehearsed("SELECT pg_terminate_backend(pg_backend_pid());")
    assert copies(admin_connection) == 0


def test_the_live_database_is_left_as_it_is_and_no_copy_stays(
    production: Settings, rehearsed: Rehearse, admin_connection: Connection
) -> None:
    rehearsed("CREATE TABLE t ();", "DROP TABLE t;")
    with connect_directly(production, OWNER) as connection:
        assert connection.execute(
            "SELECT to_regclass('t'), count(*) FROM documents"
        ).fetchone() == (
            None,
            DOCUMENTS,
        )
    assert copies(admin_connection) == 0


def test_only_what_is_asked_for_is_rehearsed(production: Settings) -> None:
    add(production, up_and_down("CREATE TABLE a ();", "DROP TABLE a;"))
    add(production, up_and_down("CREATE TABLE b ();", "DROP TABLE b;"))
    first_of_both = max(path.name for path in production.migrations.glob("0*.sql"))[:3]
    plan = Plan(to=f"{int(first_of_both) - 1:03d}", warm_up_seconds=0.1)
    assert len(rehearse(production, plan, unheard).pending) == 1
    with pytest.raises(InvalidInput, match="no migration abc"):
        rehearse(production, replace(plan, to="abc"), unheard)


def test_without_anything_pending_there_is_nothing_to_rehearse(production: Settings) -> None:
    found = rehearse(production, Plan(warm_up_seconds=0.1), unheard)
    assert (found.pending, found.statements, found.passed) == ((), (), True)


def typed(production: Settings, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setattr(migrate_rehearse, "load_settings", lambda: production)
    monkeypatch.setattr(migrate_rehearse, "Plan", partial(Plan, warm_up_seconds=0.1))
    command: click.Command = migrate_rehearse.rehearse_command
    return CliRunner().invoke(command, words, standalone_mode=False, catch_exceptions=False)


def test_the_command_prints_a_table_json_and_a_page(
    production: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    add(production, up_and_down("CREATE TABLE t ();", "DROP TABLE t;"))
    shown = typed(production, monkeypatch, "--html", str(tmp_path / "report.html"))
    assert shown.return_value == 0
    assert "Nothing speaks against it." in shown.output
    assert '<h1 class="good">may run</h1>' in (tmp_path / "report.html").read_text()
    shown = typed(production, monkeypatch, "--json")
    printed = json.loads(shown.stdout)
    assert printed["passed"] is True
    assert [one["direction"] for one in printed["statements"]] == ["up", "down", "up again"]
    with pytest.raises(click.UsageError, match="give one of"):
        typed(production, monkeypatch, "--clone", "--dump", "x")
