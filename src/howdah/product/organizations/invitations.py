"""Invitations: a token for one address and one role, used once, expiring.

No mail is sent: whoever invites hands the token over, and therefore knows it. So a token alone
gives nobody access to an account: an address that has one accepts while signed in.
"""

from dataclasses import dataclass

from howdah.foundation.database import (
    NOBODY,
    Binding,
    Database,
    Queries,
    Row,
    Statement,
    Transaction,
)
from howdah.foundation.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from howdah.product.accounts.credentials import hash_of, new_invitation_credential
from howdah.product.accounts.passwords import check_new_password, hash_password
from howdah.product.organizations.roles import refuse_unless_may_give

# An expired invitation gives way to a new one for its address; an open one does not.
INVITE = Statement(
    "invitation_create",
    """
    INSERT INTO invitations (org_id, email, role, token_hash, invited_by, expires_at)
    SELECT %s::integer, %s, %s, %s::bytea, howdah.current_user_id(),
           now() + make_interval(days => %s::integer)
    WHERE NOT EXISTS (
        SELECT FROM howdah.members m
        WHERE m.org_id = %s::integer AND lower(m.email) = lower(%s))
    ON CONFLICT (org_id, lower(email)) WHERE accepted_at IS NULL
    DO UPDATE SET email = excluded.email, role = excluded.role, token_hash = excluded.token_hash,
                  invited_by = excluded.invited_by, created_at = now(),
                  expires_at = excluded.expires_at
        WHERE invitations.expires_at <= now()
    RETURNING id, email, role, invited_by, created_at, expires_at
    """,
)
IS_MEMBER = Statement(
    "invitation_is_member",
    """
    SELECT EXISTS (SELECT FROM howdah.members
                   WHERE org_id = %s::integer AND lower(email) = lower(%s)) AS is_member
    """,
)
LIST = Statement(
    "invitation_list",
    """
    SELECT id, email, role, invited_by, created_at, expires_at
    FROM invitations
    WHERE org_id = %s::integer AND accepted_at IS NULL
      AND (%s::integer IS NULL OR id < %s::integer)
    ORDER BY id DESC
    LIMIT %s
    """,
)
REVOKE = Statement(
    "invitation_revoke",
    """
    DELETE FROM invitations
    WHERE org_id = %s::integer AND id = %s::integer AND accepted_at IS NULL
    """,
)
FIND = Statement(
    "invitation_find",
    """
    SELECT org_slug, org_name, email, role, existing_user_id
    FROM howdah.invitation(%s)
    WHERE invitation_id IS NOT NULL
    """,
)
REGISTER = Statement(
    "invitation_register", "SELECT howdah.register_user(%s, %s, %s, 'user', '{}') AS user_id"
)
ACCEPT = Statement("invitation_accept", "SELECT howdah.accept_invitation(%s, %s::integer)")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Who accepts without having an account yet."""

    full_name: str
    password: str


def invite(transaction: Transaction, org_id: int, email: str, role: str, days: int) -> Row:
    """A new invitation with its token, which is told here and never again.

    Raises Conflict for a member's address or one with an open invitation, Forbidden for a role
    that the caller may not give; the caller's transaction must then be rolled back.
    """
    token = new_invitation_credential()
    row = transaction.one(INVITE, (org_id, email, role, token.hash, days, org_id, email))
    refuse_unless_may_give(transaction.identity["role"], role)
    if row is None:
        if transaction.value(IS_MEMBER, (org_id, email)):
            raise Conflict(f"{email} is a member of the organization already.")
        raise Conflict(
            f"There is an open invitation for {email} already.", hint="Revoke it to send another."
        )
    return {**row, "token": token.text}


def list_invitations(queries: Queries, org_id: int, after: int | None, limit: int) -> list[Row]:
    """Those not accepted, newest first, expired ones included. `after`: an id."""
    return queries.all(LIST, (org_id, after, after, limit))


def revoke_invitation(transaction: Transaction, org_id: int, invitation_id: int) -> None:
    """Make its token worthless. Raises NotFound, also when it was accepted."""
    if transaction.execute(REVOKE, (org_id, invitation_id)) == 0:
        raise NotFound(f"There is no open invitation {invitation_id} in this organization.")


def accept_as_user(database: Database, caller: Binding, token: str) -> Row:
    """The signed-in caller becomes a member. Round trips: 2, and COMMIT.

    Raises NotFound for a token that is unknown, used, revoked or expired, Forbidden when it is
    for another address.
    """
    hashed = hash_of(token)
    with database.write(caller) as transaction:
        found = _find(transaction, hashed)
        user_id = transaction.identity["user_id"]
        if found["existing_user_id"] != user_id:
            raise Forbidden(
                "The invitation is for another e-mail address than that of your account."
            )
        transaction.execute(ACCEPT, (hashed, user_id))
        return _accepted(found, user_id)


def accept_as_newcomer(database: Database, token: str, newcomer: Newcomer | None) -> Row:
    """An account for the invitation's address, and its membership.

    Raises Unauthenticated when the address has an account (sign in first), InvalidInput when name
    or password are missing or the password is too weak, NotFound as above.
    """
    hashed = hash_of(token)
    with database.read(NOBODY) as reader:
        found = _find(reader, hashed)
    if found["existing_user_id"] is not None:
        raise Unauthenticated(
            f"There is an account for {found['email']}.", hint="Sign in to accept the invitation."
        )
    if newcomer is None:
        raise InvalidInput(
            f"There is no account for {found['email']} yet.",
            hint="Send full_name and password to make one.",
        )
    check_new_password(newcomer.password, found["email"])
    password_hash = hash_password(newcomer.password)
    with database.write(NOBODY) as transaction:
        user_id = transaction.value(REGISTER, (found["email"], newcomer.full_name, password_hash))
        transaction.execute(ACCEPT, (hashed, user_id))
    return _accepted(found, user_id)


def _find(queries: Queries, token_hash: bytes) -> Row:
    found = queries.one(FIND, (token_hash,))
    if found is None:
        raise NotFound(
            "There is no such invitation, or it was used, revoked or has expired.",
            hint="Ask for a new one.",
        )
    return found


def _accepted(found: Row, user_id: int) -> Row:
    return {
        "user_id": user_id,
        "org_slug": found["org_slug"],
        "org_name": found["org_name"],
        "role": found["role"],
    }
