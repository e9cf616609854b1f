"""The members of an organization: listing them, changing their role, removing them.

Changes lock the rows of all owners, of the caller and of the member concerned before anything is
decided, and decide by what the locked rows say: of two owners who demote each other at once, the
second one is no owner any more when it is their turn.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from howdah.foundation.database import Queries, Row, Statement, Transaction
from howdah.foundation.errors import Forbidden, NotFound
from howdah.product.organizations.roles import (
    refuse_unless_may_give,
    refuse_unless_may_take,
    refuse_without_owner,
)

LIST = Statement(
    "member_list",
    """
    SELECT user_id, email, full_name, member_role AS role, disabled_at IS NOT NULL AS disabled,
           member_since
    FROM howdah.members
    WHERE org_id = %s::integer
      AND (%s::text IS NULL OR member_role = %s)
      AND (%s::jsonb IS NULL OR metadata @> %s::jsonb)
      AND (%s::integer IS NULL OR user_id > %s::integer)
    ORDER BY user_id
    LIMIT %s
    """,
)
LOCK = Statement(
    "member_lock",
    """
    SELECT m.user_id, m.role, u.disabled_at IS NULL AS active
    FROM memberships m
    JOIN users u ON u.id = m.user_id
    WHERE m.org_id = %s::integer
      AND (m.role = 'owner' OR m.user_id = howdah.current_user_id() OR m.user_id = %s::integer)
    ORDER BY m.user_id
    FOR UPDATE OF m
    """,
)
CHANGE = Statement(
    "member_change",
    """
    UPDATE memberships m
    SET role = %s
    FROM users u
    WHERE m.org_id = %s::integer AND m.user_id = %s::integer AND u.id = m.user_id
    RETURNING m.user_id, u.email, u.full_name, m.role, u.disabled_at IS NOT NULL AS disabled,
              m.created_at AS member_since
    """,
)
REMOVE = Statement(
    "member_remove",
    "DELETE FROM memberships WHERE org_id = %s::integer AND user_id = %s::integer",
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; None asks for nothing.

    `metadata`: the members whose preferences contain this.
    """

    role: str | None = None
    metadata: Mapping[str, Any] | None = None


def list_members(
    queries: Queries, org_id: int, filters: Filters, after: int | None, limit: int
) -> list[Row]:
    """Members by user id. `after`: a user id. Round trips: 1.

    Raises Forbidden when somebody who is neither owner nor admin filters by metadata: the answer
    would tell them the preferences of others.
    """
    contained = None
    if filters.metadata is not None:
        contained = orjson.dumps(dict(filters.metadata)).decode()
    rows = queries.all(
        LIST,
        (org_id, filters.role, filters.role, contained, contained, after, after, limit),
    )
    if contained is not None and queries.identity.get("role") not in ("owner", "admin"):
        raise Forbidden("Filtering members by their preferences takes the role admin.")
    return rows


def change_role(transaction: Transaction, org_id: int, user_id: int, role: str) -> Row:
    """Give a member another role. Raises NotFound, Forbidden, Conflict for the last owner."""
    locked = _locked(transaction, org_id, user_id)
    caller = _role_of_caller(transaction, locked)
    held = locked[user_id]["role"]
    if held != role:
        refuse_unless_may_take(caller, held)
        refuse_unless_may_give(caller, role)
    if role != "owner":
        refuse_without_owner(_active_owners_besides(locked, user_id, held))
    row = transaction.one(CHANGE, (role, org_id, user_id))
    return row or _missing(user_id)


def remove_member(transaction: Transaction, org_id: int, user_id: int) -> None:
    """End a membership; everybody may end their own.

    Raises NotFound, Forbidden, Conflict for the last owner.
    """
    locked = _locked(transaction, org_id, user_id)
    caller = _role_of_caller(transaction, locked)
    held = locked[user_id]["role"]
    if user_id != transaction.identity["user_id"]:
        refuse_unless_may_take(caller, held)
    refuse_without_owner(_active_owners_besides(locked, user_id, held))
    transaction.execute(REMOVE, (org_id, user_id))


def _locked(transaction: Transaction, org_id: int, user_id: int) -> dict[int, Row]:
    """The rows that the decision depends on, by user id, locked until the end. Raises NotFound."""
    locked = {row["user_id"]: row for row in transaction.all(LOCK, (org_id, user_id))}
    if user_id not in locked:
        _missing(user_id)
    return locked


def _role_of_caller(transaction: Transaction, locked: Mapping[int, Row]) -> str:
    """As of now; what authorize() saw may have changed while we waited for the lock."""
    caller = locked.get(transaction.identity["user_id"])
    if caller is None:
        raise NotFound("You are no member of this organization any more.")
    return str(caller["role"])


def _active_owners_besides(locked: Mapping[int, Row], user_id: int, held: str) -> int:
    """Owners who can sign in and stay. One who is no owner takes none away."""
    if held != "owner":
        return 1
    return sum(
        row["role"] == "owner" and row["active"] and row["user_id"] != user_id
        for row in locked.values()
    )


def _missing(user_id: int) -> NoReturn:
    raise NotFound(f"There is no member {user_id} in this organization.")
