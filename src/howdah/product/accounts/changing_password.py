"""A new password in place of the current one.

Three steps, so that no transaction is open while passwords are hashed: read, compare, replace.
"""

from dataclasses import dataclass, field

from howdah.foundation.database import Queries, Statement, Transaction
from howdah.foundation.errors import Conflict, Forbidden, NotFound
from howdah.product.accounts.own_account import refuse_narrowed
from howdah.product.accounts.passwords import check_new_password, hash_password, password_matches

KEPT = Statement(
    "password_kept",
    "SELECT email, password_hash FROM users WHERE id = howdah.current_user_id()",
)
REPLACE = Statement(
    "password_replace",
    """
    UPDATE users
    SET password_hash = %s
    WHERE id = howdah.current_user_id() AND password_hash = %s
    """,
)
# A statement of its own after REPLACE: it sees the sessions that began while REPLACE waited.
END_OTHERS = Statement(
    "sessions_end_others",
    """
    DELETE FROM sessions
    WHERE user_id = howdah.current_user_id() AND token_hash <> %s
    """,
)


@dataclass(frozen=True, slots=True)
class KeptPassword:
    """What is known of the current password."""

    email: str
    hash: str = field(repr=False)


def kept_password(queries: Queries) -> KeptPassword:
    """The caller's. Raises Forbidden for a token that reaches one organization only."""
    row = queries.one(KEPT)
    refuse_narrowed(queries)
    if row is None:
        raise NotFound("The account is gone.")
    return KeptPassword(row["email"], row["password_hash"])


def replacement(kept: KeptPassword, current: str, new: str) -> str:
    """The hash of the new password. Raises Forbidden when `current` is wrong, InvalidInput."""
    check_new_password(new, kept.email)
    if not password_matches(current, kept.hash):
        raise Forbidden("The current password is wrong.")
    return hash_password(new)


def replace_password(
    transaction: Transaction, kept: KeptPassword, new_hash: str, presented_hash: bytes
) -> None:
    """Put it in place and end every session but the caller's. API tokens stay.

    Raises Conflict when another request replaced it first.
    """
    if transaction.execute(REPLACE, (new_hash, kept.hash)) == 0:
        raise Conflict("The password was changed by another request in the meantime.")
    transaction.execute(END_OTHERS, (presented_hash,))
