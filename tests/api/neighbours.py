"""Two organizations that must not notice each other, and how every endpoint is asked for something.

The second one holds a row of every kind. `word` is what an outsider may ask for; `secret` stands
in everything that the second organization holds and must never be answered to an outsider.
"""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from psycopg import sql

from howdah.entrypoints.web.endpoints import Endpoint
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import Connection, connect_directly
from tests.api.callers import PASSWORD, Caller, Person, Tenant

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
ZIP_OF_NOTHING = b"PK\x05\x06" + bytes(18)


@dataclass
class Neighbour:
    """An organization with a row of every kind."""

    tenant: Tenant
    owner: Person
    editor: Person
    word: str = field(default_factory=lambda: "w" + secrets.token_hex(6))
    secret: str = field(default_factory=lambda: "secret" + secrets.token_hex(6))
    parameters: dict[str, Any] = field(default_factory=dict)
    """Of paths: name → the id of a row of this organization."""
    special: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Where one of them must be another row for the endpoint to work: endpoint → name → id."""

    def path(self, endpoint: Endpoint, slug: str | None = None) -> str:
        """The endpoint's path to this organization's rows, below another slug if one is given.

        Raises KeyError for a parameter that nobody has said a row for: do it in `furnish`.
        """
        values = self.parameters | self.special.get(endpoint.name, {})
        if slug is not None:
            values |= {"slug": slug}
        return PARAMETER.sub(lambda match: str(values[match[1]]), endpoint.path)


def furnish(neighbour: Neighbour, as_owner: Caller, settings: Settings) -> None:
    """Give the organization a row of every kind, and say their ids."""
    tenant, word, secret = neighbour.tenant, neighbour.word, neighbour.secret
    text = {"title": f"{word} {secret}", "content": f"{word} {secret}", "tags": [word, secret]}
    documents = [as_owner.post(tenant.path("documents"), json=text).json for _ in range(2)]
    kept, deleted = (document["id"] for document in documents)
    changed = as_owner.patch(
        tenant.path(f"documents/{kept}"), json={"content": f"{secret} {word}"},
        headers={"If-Match": "*"},
    )  # fmt: skip
    assert changed.json["revision"] == 2
    as_owner.delete(tenant.path(f"documents/{deleted}"))
    invited = as_owner.post(
        tenant.path("invitations"), json={"email": f"{secret}@example.com", "role": "viewer"}
    )
    settings_patch = {"name": f"{word} {secret}", "settings": {word: secret}}
    assert as_owner.patch(tenant.path(), json=settings_patch).status_code == 200
    with connect_directly(settings, OWNER) as connection:
        job_id = _rows_that_no_request_makes(connection, neighbour)
        session_id, token_id = _credentials(connection, neighbour.owner)
    neighbour.parameters = {
        "slug": tenant.slug,
        "document_id": kept,
        "revision": 1,
        "user_id": neighbour.editor.id,
        "invitation_id": invited.json["id"],
        "job_id": job_id,
        "session_id": session_id,
        "token_id": token_id,
    }
    neighbour.special = {"restore_document_endpoint": {"document_id": deleted}}


def _rows_that_no_request_makes(connection: Connection, neighbour: Neighbour) -> UUID:
    """What jobs make. Returns the id of a finished export."""
    org_id, user_id = neighbour.tenant.id, neighbour.owner.id
    word, secret = neighbour.word, neighbour.secret
    connection.execute(
        "UPDATE users SET full_name = %s WHERE id = ANY (%s)",
        (secret, [neighbour.owner.id, neighbour.editor.id]),
    )
    row = connection.execute(
        """
        INSERT INTO jobs (org_id, kind, state, parameters, result, created_by, finished_at)
        VALUES (%s, 'export', 'succeeded', jsonb_build_object('file_name', %s::text),
                jsonb_build_object('documents', 1, 'bytes', 9, 'file_name', %s::text), %s, now())
        RETURNING id
        """,
        (org_id, secret, secret, user_id),
    ).fetchone()
    assert row
    connection.execute(
        "INSERT INTO job_files (job_id, org_id, piece, data) VALUES (%s, %s, 0, %s)",
        (row[0], org_id, secret.encode()),
    )
    connection.execute(
        "INSERT INTO search_counts (org_id, day, query, searches) VALUES (%s, now(), %s, 5)",
        (org_id, f"{word} {secret}"),
    )
    connection.execute("INSERT INTO search_words VALUES (%s, %s, 1)", (org_id, secret))
    connection.execute(
        "INSERT INTO daily_insights (org_id, day, report) VALUES (%s, now(), %s::jsonb)",
        (org_id, f'{{"top": "{secret}"}}'),
    )
    return UUID(str(row[0]))


def _credentials(connection: Connection, person: Person) -> tuple[int, int]:
    session = connection.execute(
        """
        INSERT INTO sessions (user_id, token_hash, expires_at)
        VALUES (%s, sha256(%s), now() + interval '1 hour') RETURNING id
        """,
        (person.id, secrets.token_bytes(32)),
    ).fetchone()
    token = connection.execute(
        """
        INSERT INTO api_tokens (user_id, name, token_hash, scopes)
        VALUES (%s, 'program', sha256(%s), '{read}') RETURNING id
        """,
        (person.id, secrets.token_bytes(32)),
    ).fetchone()
    assert session
    assert token
    return session[0], token[0]


def session_of(person: Person, settings: Settings, *, expired: bool = False) -> str:
    """A session as signing in makes it; returns its text."""
    text = f"hds_{secrets.token_urlsafe(32)}"
    with connect_directly(settings, OWNER) as connection:
        connection.execute(
            """
            INSERT INTO sessions (user_id, token_hash, expires_at, last_used_at)
            VALUES (%s, sha256(%s), now() + %s::interval, now())
            """,
            (person.id, text.encode(), "-1 s" if expired else "1 hour"),
        )
    return text


def everything_of(settings: Settings, neighbour: Neighbour) -> dict[str, list[str]]:
    """Every row of the organization and of its people, whatever tables there are."""
    people = [neighbour.owner.id, neighbour.editor.id]
    found = {}
    with connect_directly(settings, OWNER) as connection:
        for column, ids in (("org_id", [neighbour.tenant.id]), ("user_id", people)):
            tables = connection.execute(
                """
                SELECT table_name FROM information_schema.columns
                WHERE table_schema = 'public' AND column_name = %s
                """,
                (column,),
            ).fetchall()
            for (table,) in tables:
                found[f"{table}.{column}"] = _rows(connection, table, column, ids)
        found["organizations"] = _rows(connection, "organizations", "id", [neighbour.tenant.id])
        found["users"] = _rows(connection, "users", "id", people)
    return found


def _rows(connection: Connection, table: str, column: str, ids: list[int]) -> list[str]:
    query = sql.SQL("SELECT to_jsonb(t)::text FROM {} AS t WHERE {} = ANY (%s) ORDER BY 1")
    rows = connection.execute(
        query.format(sql.Identifier("public", table), sql.Identifier(column)), (ids,)
    ).fetchall()
    return [text for (text,) in rows]


def request_for(endpoint: Endpoint, neighbour: Neighbour, *, asking: bool) -> dict[str, Any]:
    """A valid request of the endpoint, asking for the neighbour's rows where it can.

    Raises KeyError for a required field that nobody has said a value for: do it in `_values`.
    """
    values = _values(neighbour)
    more: dict[str, Any] = {"headers": {"If-Match": "*"}}
    if endpoint.query is not None:
        more["query_string"] = _fields(endpoint.query, values, asking=asking)
    if endpoint.body is not None:
        more["json"] = _fields(endpoint.body, values, asking=asking)
    elif endpoint.raw_body:
        more["headers"]["Content-Type"] = endpoint.raw_body[0]
        more["data"] = ZIP_OF_NOTHING
    return more


def _fields(model: Any, values: dict[str, Any], *, asking: bool) -> dict[str, Any]:
    """The required fields, and when asking those that name something of the neighbour's."""
    return {
        name: values[name]
        for name, declared in model.model_fields.items()
        if declared.is_required() or (asking and name in ASKED)
    }


ASKED = frozenset({"tag", "any_tag", "author_id", "organization", "full_name", "content"})
"""Optional fields that can name something of another organization, or be kept in one."""


def _values(neighbour: Neighbour) -> dict[str, Any]:
    """Field → a valid value that means something of the neighbour's."""
    return {
        "title": "Taken over",
        "content": "Taken over",
        "tag": [neighbour.word],
        "any_tag": [neighbour.word],
        "author_id": neighbour.owner.id,
        "q": neighbour.word,
        "older": 1,
        "newer": 2,
        "name": "Taken over",
        "slug": f"org-{secrets.token_hex(6)}",
        "confirm": neighbour.tenant.slug,
        "organization": neighbour.tenant.slug,
        "scopes": ["read"],
        "email": f"{secrets.token_hex(6)}@example.com",
        "role": "viewer",
        "full_name": "Taken Over",
        "token": "hdi_" + "x" * 43,
        "password": PASSWORD,
        "current_password": PASSWORD,
        "new_password": f"{PASSWORD} again",
    }
