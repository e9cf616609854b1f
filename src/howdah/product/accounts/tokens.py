"""API tokens: for programs, with scopes, and narrowed to one organization if wanted.

A token never makes a token that reaches further than itself: no wider scope, no later expiry, and
a narrowed one makes none at all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from howdah.foundation.database import Queries, Row, Statement, Transaction
from howdah.foundation.errors import Conflict, Forbidden, NotFound
from howdah.product.accounts.credentials import new_token_credential
from howdah.product.accounts.own_account import refuse_narrowed

SCOPES = ("read", "write", "admin")
"""Each includes those before it."""
MOST_TOKENS = 1000

LIST = Statement(
    "token_list",
    """
    SELECT t.id, t.name, t.scopes, t.org_id, o.slug AS organization, t.created_at, t.expires_at,
           t.last_used_at
    FROM api_tokens t
    LEFT JOIN organizations o ON o.id = t.org_id
    WHERE t.user_id = howdah.current_user_id()
      AND (%s::integer IS NULL OR t.id < %s::integer)
    ORDER BY t.id DESC
    LIMIT %s
    """,
)
# One row: the caller's own token if they came with one, and the organization if they belong to it.
LIMITS = Statement(
    "token_limits",
    """
    SELECT own.id AS own_id,
           own.expires_at < now() + make_interval(days => %s::integer) AS outlives,
           own.expires_at AS own_expires_at,
           o.id AS org_id,
           (SELECT count(*) FROM api_tokens WHERE user_id = howdah.current_user_id()) AS tokens
    FROM (SELECT %s::bytea AS token_hash, %s::text AS slug) AS asked
    LEFT JOIN api_tokens own
        ON own.token_hash = asked.token_hash AND own.user_id = howdah.current_user_id()
    LEFT JOIN organizations o
        ON o.slug = asked.slug AND o.deleted_at IS NULL
       AND EXISTS (SELECT FROM memberships m
                   WHERE m.org_id = o.id AND m.user_id = howdah.current_user_id())
    """,
)
CREATE = Statement(
    "token_create",
    """
    INSERT INTO api_tokens (user_id, org_id, name, token_hash, scopes, expires_at)
    VALUES (howdah.current_user_id(), %s::integer, %s, %s, %s::text[],
            now() + make_interval(days => %s::integer))
    RETURNING id, name, scopes, org_id, created_at, expires_at, last_used_at
    """,
)
REVOKE = Statement(
    "token_revoke",
    """
    DELETE FROM api_tokens
    WHERE id = %s::integer AND user_id = howdah.current_user_id()
    """,
)


@dataclass(frozen=True, slots=True)
class TokenWish:
    """A token to be. `days` until it expires, None for never; `organization` is a slug."""

    name: str
    scopes: Sequence[str]
    days: int | None = None
    organization: str | None = None


def list_tokens(queries: Queries, after: int | None, limit: int) -> list[Row]:
    """The caller's tokens without their text, newest first. `after`: an id."""
    rows = queries.all(LIST, (after, after, limit))
    refuse_narrowed(queries)
    return rows


def create_token(transaction: Transaction, presented_hash: bytes, wish: TokenWish) -> Row:
    """A new token of the caller's, with its text in `token`, which is told here only.

    Round trips: 2, and COMMIT. Raises Forbidden for one that would reach further than the token
    the caller came with, NotFound for an organization they do not belong to, Conflict.
    """
    limits = transaction.one(LIMITS, (wish.days, presented_hash, wish.organization))
    refuse_narrowed(transaction)
    assert limits is not None
    _refuse_wider(transaction.identity["scopes"], limits, wish)
    if wish.organization is not None and limits["org_id"] is None:
        raise NotFound(
            f'There is no organization "{wish.organization}", or you are not a member of it.'
        )
    if limits["tokens"] >= MOST_TOKENS:
        raise Conflict(f"You have {MOST_TOKENS} tokens already.", hint="Revoke some.")
    return {**issue_token(transaction, wish, limits["org_id"]), "organization": wish.organization}


def issue_token(transaction: Transaction, wish: TokenWish, org_id: int | None = None) -> Row:
    """A new token of the user whom the transaction is bound to, unlimited by another token."""
    credential = new_token_credential()
    scopes = [scope for scope in SCOPES if scope in wish.scopes]
    row = transaction.one(CREATE, (org_id, wish.name, credential.hash, scopes, wish.days))
    assert row is not None
    return {**row, "token": credential.text}


def revoke_token(transaction: Transaction, token_id: int) -> None:
    """Make it worthless from the next request on. Raises NotFound."""
    revoked = transaction.execute(REVOKE, (token_id,))
    refuse_narrowed(transaction)
    if revoked == 0:
        raise NotFound(f"You have no token {token_id}.")


def _refuse_wider(own_scopes: Sequence[str], limits: Mapping[str, Any], wish: TokenWish) -> None:
    if max(map(SCOPES.index, wish.scopes)) > max(map(SCOPES.index, own_scopes)):
        raise Forbidden(
            f"A token with the scopes {', '.join(own_scopes)} cannot make one with more.",
            hint="Sign in to make it.",
        )
    expires_at = limits["own_expires_at"]
    if expires_at is not None and (wish.days is None or limits["outlives"]):
        raise Forbidden(
            f"A token that expires ({expires_at:%Y-%m-%d %H:%M} UTC) cannot make one that lives"
            " longer.",
            hint="Sign in to make it, or give it fewer days.",
        )
