"""Signing in and out."""

import hashlib
from datetime import datetime

from pydantic import TypeAdapter

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import Body, Email, JsonObject, Out, Password
from howdah.entrypoints.web.pages import Cursor, PageSize, decode_cursor, page
from howdah.product.accounts.sessions import end_session, list_sessions
from howdah.product.accounts.signing_in import sign_in, sign_out

SESSION_KEY = TypeAdapter(tuple[int])


class Account(Out):
    """Somebody, as they see themselves. `role` is `admin` for who runs the installation."""

    id: int
    email: str
    full_name: str
    role: str
    metadata: JsonObject
    created_at: datetime
    updated_at: datetime


class SignIn(Body):
    """Who signs in."""

    email: Email
    password: Password


class NewSession(Out):
    """A session just begun. The token is told here only, and kept nowhere."""

    token: str
    expires_at: datetime
    user: Account


class Session(Out):
    """Where somebody is signed in; `current` marks the session that asks."""

    id: int
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None
    user_agent: str | None
    current: bool


class SessionPage(Out):
    """A page of a list; next_cursor is null on the last one."""

    items: list[Session]
    next_cursor: str | None


class SessionList(Body):
    """How to list."""

    limit: PageSize = 20
    cursor: Cursor | None = None


# No transaction: verifying the password takes long, and must not hold one open. No
# Idempotency-Key: its record would keep the token.
@endpoint(
    "POST",
    "/sessions",
    summary="Sign in",
    tag="sessions",
    access="anybody",
    transaction=False,
    body=SignIn,
    answers={201: NewSession},
)
def create_session(call: Call) -> Answer:
    """A session for an e-mail address and its password. Its token is told in this answer only.

    Send it as `Authorization: Bearer …`. Attempts are limited by address and by account; an
    unknown account, a wrong password and a disabled user are answered alike.
    """
    spend_attempt(call, call.body.email)
    security = call.services.settings.topology.security
    begun = sign_in(
        call.services.database,
        call.body.email,
        call.body.password.get_secret_value(),
        session_days=security.session_days,
        user_agent=call.headers.get("User-Agent"),
    )
    return Answer(begun, 201)


@endpoint(
    "DELETE",
    "/sessions/current",
    summary="Sign out",
    tag="sessions",
    access="user",
    scope="read",
    revokes=True,
    answers={204: None},
)
def delete_current_session(call: Call) -> Answer:
    """End the session that this request came with."""
    sign_out(call.transaction, call.token_hash)
    return Answer(None, 204)


@endpoint(
    "GET",
    "/me/sessions",
    summary="List my sessions",
    tag="sessions",
    access="user",
    query=SessionList,
    answers={200: SessionPage},
)
def list_my_sessions(call: Call) -> Answer:
    """Where the caller is signed in, newest first."""
    after = decode_cursor(call.query.cursor, SESSION_KEY)
    rows = list_sessions(
        call.queries, call.token_hash, after[0] if after else None, call.query.limit + 1
    )
    return Answer(page(rows, call.query.limit, "id"))


@endpoint(
    "DELETE",
    "/me/sessions/<int:session_id>",
    summary="End a session",
    tag="sessions",
    access="user",
    revokes=True,
    answers={204: None},
)
def delete_my_session(call: Call) -> Answer:
    """Sign out somewhere else. Its token is worth nothing from the next request on."""
    end_session(call.transaction, call.path["session_id"])
    return Answer(None, 204)


def spend_attempt(call: Call, email: str) -> None:
    """Count an attempt at a password. Raises TooManyRequests. Redis is told no address."""
    limit = call.services.settings.topology.security.sign_in_attempts_per_minute
    account = hashlib.sha256(email.lower().encode()).hexdigest()[:32]
    call.services.rate_limits.spend("sign_in_address", call.client_address, limit)
    call.services.rate_limits.spend("sign_in_account", account, limit)
