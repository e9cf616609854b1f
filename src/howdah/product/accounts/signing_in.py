"""Signing in and out: a password becomes a session."""

from typing import NoReturn

from howdah.foundation.database import NOBODY, Database, Row, Statement, Transaction, user
from howdah.foundation.errors import Conflict, Unauthenticated
from howdah.product.accounts.credentials import new_session_credential
from howdah.product.accounts.passwords import hash_password, is_outdated, password_matches

LONGEST_USER_AGENT = 300

CANDIDATE = Statement(
    "sign_in_candidate",
    "SELECT user_id, password_hash, disabled FROM howdah.sign_in_candidate(%s)",
)
REHASH = Statement(
    "password_rehash",
    """
    UPDATE users
    SET password_hash = %s
    WHERE id = howdah.current_user_id() AND password_hash = %s
    """,
)
# The verified hash is compared once more, with the row locked against its change: a session never
# begins with a password that was replaced while it was being verified.
BEGIN_SESSION = Statement(
    "session_begin",
    """
    WITH person AS (
        SELECT id, email, full_name, role, coalesce(metadata, '{}') AS metadata,
               created_at, updated_at
        FROM users
        WHERE id = howdah.current_user_id() AND password_hash = %s AND disabled_at IS NULL
        FOR SHARE
    ), session AS (
        INSERT INTO sessions (user_id, token_hash, expires_at, last_used_at, user_agent)
        SELECT id, %s, now() + make_interval(days => %s::integer), now(), %s
        FROM person
        RETURNING expires_at
    )
    SELECT session.expires_at, person.*
    FROM session, person
    """,
)
END_CURRENT = Statement(
    "session_end_current",
    """
    DELETE FROM sessions
    WHERE token_hash = %s AND user_id = howdah.current_user_id()
    """,
)


def sign_in(
    database: Database, email: str, password: str, *, session_days: int, user_agent: str | None
) -> Row:
    """A new session: its `token`, `expires_at` and the `user`.

    Round trips: 2, and COMMIT. Takes the same time, and raises the same Unauthenticated, for an
    unknown account, a wrong password and a disabled user. Raises Unavailable when too many people
    sign in at once.
    """
    with database.read(NOBODY) as queries:
        candidate = queries.one(CANDIDATE, (email,))
    if candidate is None or candidate["user_id"] is None:
        password_matches(password, None)
        _refuse()
    kept_hash = candidate["password_hash"]
    if not password_matches(password, kept_hash) or candidate["disabled"]:
        _refuse()
    better_hash = hash_password(password) if is_outdated(kept_hash) else None
    credential = new_session_credential()
    with database.write(user(candidate["user_id"])) as transaction:
        if better_hash is not None:
            transaction.execute(REHASH, (better_hash, kept_hash))
        begun = transaction.one(
            BEGIN_SESSION,
            (
                better_hash or kept_hash,
                credential.hash,
                session_days,
                user_agent[:LONGEST_USER_AGENT] if user_agent else None,
            ),
        )
    if begun is None:
        _refuse()
    return {"token": credential.text, "expires_at": begun.pop("expires_at"), "user": begun}


def sign_out(transaction: Transaction, presented_hash: bytes) -> None:
    """End the session that the caller came with. Raises Conflict for an API token."""
    if transaction.execute(END_CURRENT, (presented_hash,)) == 0:
        raise Conflict(
            "An API token cannot be signed out.", hint="Revoke it: DELETE /me/tokens/<id>."
        )


def _refuse() -> NoReturn:
    raise Unauthenticated("The e-mail address or the password is wrong.")
