"""`howdah migrate` and `howdah roles`, as they are typed."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from howdah.entrypoints.cli import migrate, roles
from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import read_migrations
from howdah.operations.roles.connect import Connection


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


def test_down_changes_nothing_when_nobody_can_be_asked(
    fresh_database: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(click.UsageError, match="add --yes"):
        typed(migrate.command, fresh_database, monkeypatch, "down")
    assert typed(migrate.command, fresh_database, monkeypatch, "up").output == (
        "Nothing is pending.\n"
    )


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
