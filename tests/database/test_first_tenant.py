"""`howdah up` makes the first admin again when the database was emptied, and only then."""

from howdah.entrypoints.cli.first_tenant import has_users
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly


def test_a_database_without_any_account_is_told_from_one_with(fresh_database: Settings) -> None:
    assert not has_users(fresh_database)
    with connect_directly(fresh_database, OWNER) as connection:
        connection.execute(
            "INSERT INTO users (email, full_name, password_hash) VALUES ('a@b.example', 'A', 'x')"
        )
    assert has_users(fresh_database)
