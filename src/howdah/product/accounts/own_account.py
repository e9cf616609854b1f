"""What people see and change of themselves."""

from collections.abc import Mapping
from typing import Any

from howdah.foundation.database import Queries, Row, Statement, Transaction
from howdah.foundation.errors import Forbidden, NotFound
from howdah.product.accounts.metadata import as_patch, refuse_too_large

ME = Statement(
    "me_get",
    """
    SELECT u.id, u.email, u.full_name, u.role, coalesce(u.metadata, '{}') AS metadata,
           u.created_at, u.updated_at,
           coalesce(
               (SELECT jsonb_agg(to_jsonb(mine) ORDER BY mine.slug)
                FROM (SELECT o.id, o.slug, o.name, m.role
                      FROM memberships m
                      JOIN organizations o ON o.id = m.org_id
                      WHERE m.user_id = u.id AND o.deleted_at IS NULL
                        AND (howdah.token_org_id() IS NULL OR o.id = howdah.token_org_id())
                      ORDER BY o.slug
                      LIMIT 100) AS mine),
               '[]') AS organizations
    FROM users u
    WHERE u.id = howdah.current_user_id()
    """,
)
CHANGE = Statement(
    "me_change",
    """
    UPDATE users
    SET full_name = coalesce(%s, full_name),
        metadata = howdah.merge_patch(metadata, %s::jsonb)
    WHERE id = howdah.current_user_id()
    RETURNING id, email, full_name, role, metadata, created_at, updated_at
    """,
)


def get_me(queries: Queries) -> Row:
    """The caller, with their first 100 organizations by slug. Round trips: 1."""
    row = queries.one(ME)
    if row is None:
        raise NotFound("The account is gone.")
    return row


def change_me(
    transaction: Transaction,
    *,
    full_name: str | None = None,
    metadata_patch: Mapping[str, Any] | None = None,
) -> Row:
    """Change what is given; `metadata_patch` is a JSON merge patch (RFC 7396).

    It is merged on the locked row, so changes at the same time are all kept. Raises Forbidden,
    InvalidInput for too much metadata; the caller's transaction must then be rolled back.
    """
    row = transaction.one(CHANGE, (full_name, as_patch(metadata_patch)))
    refuse_narrowed(transaction)
    if row is None:
        raise NotFound("The account is gone.")
    refuse_too_large(row["metadata"])
    return row


def refuse_narrowed(queries: Queries) -> None:
    """Raises Forbidden for a token that reaches one organization only; asked after a statement."""
    if queries.identity.get("token_org_id") is not None:
        raise Forbidden(
            "This token reaches one organization only, not your account.",
            hint="Sign in, or use a token without an organization.",
        )
