"""All users, for the people who run the installation."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from howdah.foundation.database import Queries, Row, Statement, Transaction
from howdah.foundation.errors import Conflict, NotFound
from howdah.product.accounts.metadata import as_patch, refuse_too_large

LIST = Statement(
    "user_list",
    """
    SELECT id, email, full_name, role, coalesce(metadata, '{}') AS metadata, disabled_at,
           created_at, updated_at
    FROM howdah.visible_users
    WHERE (%s::jsonb IS NULL OR metadata @> %s::jsonb)
      AND (%s::text IS NULL OR lower(email) = lower(%s))
      AND (%s::integer IS NULL OR id > %s::integer)
    ORDER BY id
    LIMIT %s
    """,
)
GET = Statement(
    "user_get",
    """
    SELECT id, email, full_name, role, coalesce(metadata, '{}') AS metadata, disabled_at,
           created_at, updated_at
    FROM users
    WHERE id = %s::integer
    """,
)
REGISTER = Statement("user_register", "SELECT howdah.register_user(%s, %s, %s, %s, %s::jsonb)")
CHANGE = Statement(
    "user_change",
    """
    UPDATE users
    SET role = coalesce(%s, role),
        full_name = coalesce(%s, full_name),
        metadata = howdah.merge_patch(metadata, %s::jsonb),
        disabled_at = CASE %s::boolean
            WHEN true THEN coalesce(disabled_at, now())
            WHEN false THEN NULL
            ELSE disabled_at
        END
    WHERE id = %s::integer
    RETURNING id, email, full_name, role, metadata, disabled_at, created_at, updated_at
    """,
)
END_SESSIONS = Statement("user_end_sessions", "SELECT howdah.end_sessions(%s::integer)")
REMOVE = Statement("user_remove", "SELECT howdah.remove_user(%s::integer)")


@dataclass(frozen=True, slots=True)
class Registration:
    """Somebody who gets an account."""

    email: str
    full_name: str
    password_hash: str = field(repr=False)
    role: str = "user"
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UserChange:
    """What to change; None leaves it. `metadata_patch` is a JSON merge patch (RFC 7396)."""

    role: str | None = None
    full_name: str | None = None
    disabled: bool | None = None
    metadata_patch: Mapping[str, Any] | None = None


def list_users(
    queries: Queries,
    *,
    metadata: Mapping[str, Any] | None,
    email: str | None,
    after: int | None,
    limit: int,
) -> list[Row]:
    """Users by id whose metadata contains the given object. `after`: an id."""
    contained = as_patch(metadata)
    return queries.all(LIST, (contained, contained, email, email, after, after, limit))


def get_user(queries: Queries, user_id: int) -> Row:
    """One user. Raises NotFound."""
    row = queries.one(GET, (user_id,))
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    return row


def register_user(transaction: Transaction, registration: Registration) -> int:
    """A new user; returns the id. Raises Conflict when the address has an account."""
    metadata = orjson.dumps(dict(registration.metadata)).decode()
    row_id = transaction.value(
        REGISTER,
        (
            registration.email,
            registration.full_name,
            registration.password_hash,
            registration.role,
            metadata,
        ),
    )
    return int(row_id)


def change_user(transaction: Transaction, user_id: int, change: UserChange) -> Row:
    """Change somebody. Disabling ends their sessions and stops their tokens, at once.

    Raises NotFound, InvalidInput for too much metadata, Conflict for one's own role or disabling:
    the installation always keeps somebody who runs it. The transaction must then be rolled back.
    """
    row = transaction.one(
        CHANGE,
        (change.role, change.full_name, as_patch(change.metadata_patch), change.disabled, user_id),
    )
    if row is None:
        raise NotFound(f"There is no user {user_id}.")
    refuse_too_large(row["metadata"])
    if change.disabled or change.role not in (None, "admin"):
        _refuse_oneself(transaction, user_id)
    if change.disabled:
        transaction.execute(END_SESSIONS, (user_id,))
    return row


def remove_user(transaction: Transaction, user_id: int) -> None:
    """Remove somebody who never wrote anything and belongs to no organization.

    Raises NotFound; Conflict when something refers to them, and for oneself.
    """
    try:
        removed = transaction.value(REMOVE, (user_id,))
    except Conflict:
        raise Conflict(
            "Documents, jobs or organizations refer to this user.",
            hint='Disable them instead: PATCH with {"disabled": true}.',
        ) from None
    if not removed:
        raise NotFound(f"There is no user {user_id}.")
    _refuse_oneself(transaction, user_id)


def _refuse_oneself(transaction: Transaction, user_id: int) -> None:
    if transaction.identity["user_id"] == user_id:
        raise Conflict("You cannot take yourself out of running this installation.")
