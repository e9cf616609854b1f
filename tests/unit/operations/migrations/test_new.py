from pathlib import Path

import pytest

from howdah.foundation.errors import InvalidInput
from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import MigrationFileInvalid, read_migrations
from howdah.operations.migrations.new import new_migration


@pytest.fixture
def checkout(tmp_path: Path) -> Settings:
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "001_first.sql").write_text(
        "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 1;\n"
    )
    return Settings(home=tmp_path / "var", config_file=None, checkout=tmp_path)


def test_a_new_file_takes_the_next_number(checkout: Settings) -> None:
    assert new_migration(checkout, "Add  teams!").name == "002_add_teams.sql"


def test_a_new_file_does_not_run_before_it_is_filled_in(checkout: Settings) -> None:
    new_migration(checkout, "add teams")
    with pytest.raises(MigrationFileInvalid, match="up section is empty"):
        read_migrations(checkout.migrations)


def test_a_name_without_letters_is_refused(checkout: Settings) -> None:
    with pytest.raises(InvalidInput, match="cannot name a migration"):
        new_migration(checkout, "../")
