"""Members are found by their preferences with the jsonb_path_ops index, for all the security."""

from contextlib import closing
from typing import Any

import psycopg
import pytest

from howdah.operations.roles.catalog import WRITER
from howdah.operations.roles.connect import Connection
from howdah.product.organizations.members import LIST
from tests.database.conftest import ActingAs

USERS = 20_000
RARE = '{"plan": "gold"}'


@pytest.fixture
def org_id(owner: Connection) -> int:
    """An organization of half of all users; one in a thousand has the rare preference."""
    owner.execute(
        """
        INSERT INTO users (email, full_name, password_hash, metadata)
        SELECT 'member-' || n || '@example.com', 'Person ' || n, '!',
               jsonb_build_object('plan', CASE WHEN n %% 1000 < 2 THEN 'gold' ELSE 'free' END)
        FROM generate_series(1, %s) AS n
        """,
        (USERS,),
    )
    row = owner.execute(
        "INSERT INTO organizations (name, slug) VALUES ('Large', 'large-one') RETURNING id"
    ).fetchone()
    assert row
    owner.execute(
        """
        INSERT INTO memberships (org_id, user_id, role)
        SELECT %s, id, 'viewer' FROM users WHERE email LIKE 'member-%%' AND id %% 2 = 0
        """,
        (row[0],),
    )
    owner.execute("ANALYZE users, memberships")
    return int(row[0])


def asked(app: Connection, org_id: int, explain: str, metadata: str | None) -> list[Any]:
    """The list statement with its values bound by the client, as the application sends it."""
    app.execute("SELECT howdah.bind(%s::integer, NULL)", (org_id,))
    parameters = (org_id, None, None, metadata, metadata, None, None, 101)
    with closing(psycopg.ClientCursor(app)) as cursor:
        cursor.execute(explain + LIST.text, parameters)  # type: ignore[arg-type]
        return cursor.fetchall()


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for below in plan.get("Plans", ()) for node in nodes(below))]


def test_a_rare_preference_is_looked_up_in_the_index(org_id: int, acting_as: ActingAs) -> None:
    with acting_as(WRITER) as app:
        rows = asked(app, org_id, "EXPLAIN (FORMAT JSON) ", RARE)
    plan = nodes(rows[0][0][0]["Plan"])
    assert "idx_users_metadata_gin" in {node.get("Index Name") for node in plan}
    assert "users" not in {
        node.get("Relation Name") for node in plan if node["Node Type"] == "Seq Scan"
    }


def test_it_finds_exactly_the_members_whose_preferences_contain_it(
    org_id: int, acting_as: ActingAs
) -> None:
    with acting_as(WRITER) as app:
        found = asked(app, org_id, "", RARE)
    assert len(found) == USERS // 1000


def test_without_a_preference_members_come_by_their_primary_keys(
    org_id: int, acting_as: ActingAs
) -> None:
    with acting_as(WRITER) as app:
        rows = asked(app, org_id, "EXPLAIN (FORMAT JSON) ", None)
    plan = nodes(rows[0][0][0]["Plan"])
    assert "Seq Scan" not in {node["Node Type"] for node in plan}
