"""`howdah migrate` and `howdah roles`, as they are typed."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from howdah.entrypoints.cli import migrate, roles
from howdah.foundation.settings import Settings
from howdah.operations.migrations import losses, migrate_up, migration_status, planned_down
from howdah.operations.migrations.files import read_migrations
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import Connection, connect_directly
from tests.database.migration_files import three_tables, up_and_down, with_files

ROWS = """
INSERT INTO users (email, full_name, password_hash, disabled_at) VALUES
    ('a@example.com', 'A', 'x', NULL), ('b@example.com', 'B', 'x', now());
INSERT INTO organizations (name, slug, settings) VALUES ('Acme', 'acme', '{}');
INSERT INTO documents (title, content, author_id, org_id)
SELECT n, 'About postgres.', users.id, organizations.id
FROM generate_series(1, 3) AS n, users, organizations WHERE email = 'a@example.com';
"""


def typed(
    group: click.Command, settings: Settings, monkeypatch: pytest.MonkeyPatch, line: str
) -> Result:
    for module in (migrate, roles):
        monkeypatch.setattr(module, "load_settings", lambda: settings)
    return CliRunner().invoke(group, line.split(), standalone_mode=False, catch_exceptions=False)


def test_status_counts_what_has_run_and_what_is_pending(
    empty_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed(migrate.command, empty_database, monkeypatch, "up --to 003")
    shown = typed(migrate.command, empty_database, monkeypatch, "status").output
    pending = len(read_migrations(empty_database.migrations)) - 3
    assert shown.endswith(f"3 applied, {pending} pending\n")
    printed = json.loads(
        typed(migrate.command, empty_database, monkeypatch, "status --json").output
    )
    assert printed["applied"][-1] == "003_create_documents_table"
    assert len(printed["pending"]) == pending


def test_up_names_each_and_then_has_nothing_to_do(
    empty_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (
        "001_initial_schema: up"
        in typed(migrate.command, empty_database, monkeypatch, "up --to 1").output
    )
    again = typed(migrate.command, empty_database, monkeypatch, "up --to 1")
    assert again.output == "Nothing is pending.\n"


def test_down_says_what_it_would_delete_and_changes_nothing_when_nobody_can_be_asked(
    fresh_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect_directly(fresh_database, OWNER) as connection:
        connection.execute(ROWS)
    runner = CliRunner()
    monkeypatch.setattr(migrate, "load_settings", lambda: fresh_database)
    result = runner.invoke(migrate.command, ["down", "--to", "002"])
    assert result.exit_code == 2
    assert "  3 rows of documents\n" in result.output
    assert "  1 value of users.disabled_at\n" in result.output
    assert "add --yes" in result.output
    assert typed(migrate.command, fresh_database, monkeypatch, "up").output == (
        "Nothing is pending.\n"
    )


@pytest.mark.parametrize(("answer", "left"), [("n", 2), ("y", 0)])
def test_down_deletes_data_only_after_a_yes(
    empty_database: Settings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    answer: str,
    left: int,
) -> None:
    table = up_and_down("CREATE TABLE t AS SELECT 1 AS x;", "DROP TABLE t;")
    column = up_and_down("ALTER TABLE t ADD y int DEFAULT 1;", "ALTER TABLE t DROP y;")
    target = with_files(empty_database, tmp_path, _001_table=table, _002_column=column)
    migrate_up(target)
    monkeypatch.setattr(migrate, "load_settings", lambda: target)
    monkeypatch.setattr(migrate, "somebody_can_be_asked", lambda: True)
    shown = CliRunner().invoke(migrate.command, ["down", "--to", "0"], input=answer)
    assert "  1 row of t\n" in shown.output
    assert "t.y" not in shown.output
    assert len(migration_status(target).applied) == left


def test_down_does_not_ask_where_nothing_is_deleted(
    empty_database: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    view = up_and_down("CREATE VIEW one AS SELECT 1;", "DROP VIEW one;")
    target = with_files(empty_database, tmp_path, _001_view=view)
    migrate_up(target)
    assert "001_view: down" in typed(migrate.command, target, monkeypatch, "down").output


def test_a_table_that_takes_long_to_count_is_estimated(
    fresh_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect_directly(fresh_database, OWNER) as connection:
        connection.execute(ROWS)
        connection.execute("ANALYZE documents")
    monkeypatch.setattr(losses, "COUNT_SECONDS", 0.2)
    with connect_directly(fresh_database, OWNER) as holder, holder.transaction():
        holder.execute("LOCK TABLE documents IN ACCESS EXCLUSIVE MODE")
        planned = planned_down(fresh_database, to="002")
    found = next(item for item in planned.losses if item.table == "documents")
    assert (found.rows, found.counted) == (3, False)


def test_status_exits_1_when_something_does_not_fit_together(
    empty_database: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = with_files(empty_database, tmp_path, _001_table=up_and_down("CREATE TABLE t ();"))
    migrate_up(target)
    assert typed(migrate.command, target, monkeypatch, "status").return_value == 0
    with_files(target, tmp_path, _001_table=up_and_down("CREATE TABLE u ();"))
    shown = typed(migrate.command, target, monkeypatch, "status")
    assert shown.return_value == 1
    assert shown.output.endswith("changed after it ran: 001_table\n")
    printed = typed(migrate.command, target, monkeypatch, "status --json")
    assert printed.return_value == 1
    assert json.loads(printed.output)["changed"] == ["001_table"]
    accepted = typed(migrate.command, target, monkeypatch, "accept 1 --reason renamed")
    assert accepted.output == "  ✓ 001_table: accepted as it is now\n"
    assert typed(migrate.command, target, monkeypatch, "status").return_value == 0


def test_out_of_order_is_an_option(
    empty_database: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    target = with_files(empty_database, tmp_path, **three_tables())
    with connect_directly(target, OWNER) as connection:
        connection.execute("CREATE TABLE schema_migrations (version varchar PRIMARY KEY)")
        connection.execute("INSERT INTO schema_migrations VALUES ('001'), ('003')")
    shown = typed(migrate.command, target, monkeypatch, "up --out-of-order").output
    assert "Taken over from another tool: 2 migrations." in shown
    assert "002_step: up" in shown


def test_down_with_yes_takes_back_and_then_has_nothing_left(
    fresh_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = typed(migrate.command, fresh_database, monkeypatch, "down --to 000 --yes").output
    assert shown.endswith("001_initial_schema: down\n")
    shown = typed(migrate.command, fresh_database, monkeypatch, "down --yes").output
    assert shown == "There is nothing to take back.\n"


def test_steps_and_to_together_are_wrong_use(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(click.UsageError, match="not both"):
        typed(migrate.command, settings, monkeypatch, "down --steps 1 --to 3")


def test_new_prints_where_the_file_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "migrations").mkdir()
    target = Settings(home=tmp_path, config_file=None, checkout=tmp_path)
    shown = typed(migrate.command, target, monkeypatch, "new add teams").output
    assert shown == f"{tmp_path}/migrations/001_add_teams.sql\n"


def test_roles_show_fails_until_provision_has_put_a_role_right(
    template: Settings, monkeypatch: pytest.MonkeyPatch, admin_connection: Connection
) -> None:
    admin_connection.execute("ALTER ROLE app_read SET work_mem = '1GB'")
    shown = typed(roles.command, template, monkeypatch, "show")
    assert shown.return_value == 1
    assert "changed by hand" in shown.output
    typed(roles.command, template, monkeypatch, "provision")
    printed = typed(roles.command, template, monkeypatch, "show --json")
    assert printed.return_value == 0
    assert [role["as_provisioned"] for role in json.loads(printed.output)] == [True] * 3


def test_up_with_pre_stops_before_what_is_for_after_the_deployment(
    empty_database: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    files = three_tables()
    files["_002_step"] = "-- phase: post\n" + files["_002_step"]
    target = with_files(empty_database, tmp_path, **files)
    assert "003_step" not in typed(migrate.command, target, monkeypatch, "up --pre").output
    assert migration_status(target).applied == ("001_step",)
    again = typed(migrate.command, target, monkeypatch, "up --pre").output
    assert again == "Nothing is pending that runs before the deployment.\n"
    typed(migrate.command, target, monkeypatch, "up")
    assert migration_status(target).pending == ()
    with pytest.raises(click.UsageError, match="not both"):
        typed(migrate.command, target, monkeypatch, "up --pre --to 2")
