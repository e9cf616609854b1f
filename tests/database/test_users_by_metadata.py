"""Users are found by their preferences with the jsonb_path_ops index, below row-level security."""

from contextlib import closing
from typing import Any

import psycopg
import pytest

from howdah.operations.roles.connect import Connection
from howdah.product.accounts.users import LIST
from tests.database.conftest import ActingAs

MANY = 20_000
RARE = '{"notifications": {"email": true}, "plan": "gold"}'


@pytest.fixture
def many_users(owner: Connection) -> Connection:
    """One in a thousand has the rare preference."""
    owner.execute(
        """
        INSERT INTO users (email, full_name, password_hash, metadata)
        SELECT 'plan-' || n || '@example.com', 'Person ' || n, '!',
               jsonb_build_object(
                   'notifications', jsonb_build_object('email', n %% 2 = 0),
                   'plan', CASE WHEN n %% 1000 = 0 THEN 'gold' ELSE 'free' END,
                   'number', n)
        FROM generate_series(1, %s) AS n
        """,
        (MANY,),
    )
    owner.execute("ANALYZE users")
    return owner


def as_the_application_asks(app: Connection, explain: str, metadata: str | None) -> Any:
    """The list statement with its values bound by the client, as the application sends it."""
    app.execute("SELECT set_config('app.platform_admin', 'on', true)")
    parameters = (metadata, metadata, None, None, None, None, 21)
    with closing(psycopg.ClientCursor(app)) as cursor:
        cursor.execute(explain + LIST.text, parameters)  # type: ignore[arg-type]
        return cursor.fetchall()


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for below in plan.get("Plans", ()) for node in nodes(below))]


def test_a_rare_preference_is_looked_up_in_the_index(
    many_users: Connection, acting_as: ActingAs
) -> None:
    with acting_as("app_write") as app:
        rows = as_the_application_asks(app, "EXPLAIN (FORMAT JSON) ", RARE)
    plan = nodes(rows[0][0][0]["Plan"])
    assert "idx_users_metadata_gin" in {node.get("Index Name") for node in plan}
    scanned = {node["Relation Name"] for node in plan if node["Node Type"] == "Seq Scan"}
    assert "users" not in scanned


def test_it_finds_exactly_those_whose_preferences_contain_it(
    many_users: Connection, acting_as: ActingAs
) -> None:
    with acting_as("app_write") as app:
        rows = as_the_application_asks(app, "", RARE)
    assert len(rows) == MANY // 1000
    assert all(row[4]["plan"] == "gold" for row in rows)


def test_without_a_preference_users_come_by_their_primary_key(
    many_users: Connection, acting_as: ActingAs
) -> None:
    with acting_as("app_write") as app:
        rows = as_the_application_asks(app, "EXPLAIN (FORMAT JSON) ", None)
    assert "users_pkey" in {node.get("Index Name") for node in nodes(rows[0][0][0]["Plan"])}


def test_who_does_not_run_the_installation_finds_nobody(
    many_users: Connection, acting_as: ActingAs
) -> None:
    with acting_as("app_write") as app, closing(psycopg.ClientCursor(app)) as cursor:
        cursor.execute(LIST.text, (RARE, RARE, None, None, None, None, 21))
        assert cursor.fetchall() == []
