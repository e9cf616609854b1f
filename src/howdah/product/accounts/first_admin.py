"""The first account of an installation, made by trusted code before anybody can sign in."""

from howdah.foundation.database import NOBODY, Database, Statement, user
from howdah.product.accounts.passwords import hash_password
from howdah.product.accounts.signing_in import CANDIDATE
from howdah.product.accounts.tokens import SCOPES, TokenWish, issue_token
from howdah.product.accounts.users import Registration, register_user

FORGET = Statement(
    "token_forget",
    """
    DELETE FROM api_tokens
    WHERE user_id = howdah.current_user_id() AND name = %s
    """,
)


def create_first_admin(database: Database, email: str, full_name: str, password: str) -> int:
    """The id of the admin with this address; the account is made unless there is one already."""
    known = find_user(database, email)
    if known is not None:
        return known
    registration = Registration(email, full_name, hash_password(password), role="admin")
    with database.write(NOBODY) as transaction:
        return register_user(transaction, registration)


def find_user(database: Database, email: str) -> int | None:
    """The id of the account with this address."""
    with database.read(NOBODY) as queries:
        candidate = queries.one(CANDIDATE, (email,))
    return candidate["user_id"] if candidate else None


def replace_token(database: Database, user_id: int, name: str) -> str:
    """The text of a new token with all scopes; those of the same name before it are revoked."""
    with database.write(user(user_id)) as transaction:
        transaction.execute(FORGET, (name,))
        return str(issue_token(transaction, TokenWish(name, SCOPES))["token"])
