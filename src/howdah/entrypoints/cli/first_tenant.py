"""What the first `howdah up` makes besides the stack: somebody who can sign in, and a tenant."""

from contextlib import suppress

from howdah.foundation.database import Database, user
from howdah.foundation.errors import Conflict
from howdah.foundation.secrets import secret_file, write_secret
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly
from howdah.product.accounts.first_admin import create_first_admin, replace_token
from howdah.product.organizations.founding import found_organization

ADMIN_EMAIL, ADMIN_NAME = "admin@example.com", "First Admin"
ORGANIZATION_NAME, ORGANIZATION_SLUG = "Acme", "acme"
TOKEN_NAME = "howdah command line"  # noqa: S105  (the name of the token, not its text)


def create_first_tenant(settings: Settings) -> bool:
    """Make the first admin, organization and API token; whether that was done now.

    The token's file is written last and says that everything is there: an `up` that was
    interrupted finishes this the next time, and later ones change nothing. A database that was
    emptied meanwhile gets them again; one with any user in it is left as it is.
    """
    if secret_file(settings.home, "admin_token").exists() and has_users(settings):
        return False
    database = Database.open(settings, size=1, application_name="howdah up")
    try:
        token = _make(database, settings.secret("first_admin"))
    finally:
        database.close()
    write_secret(settings.home, "admin_token", token)
    return True


def has_users(settings: Settings) -> bool:
    """Whether anybody has an account in this installation's database."""
    with connect_directly(settings, OWNER) as connection:
        row = connection.execute("SELECT EXISTS (SELECT FROM users)").fetchone()
    return row is not None and bool(row[0])


def _make(database: Database, password: str) -> str:
    admin_id = create_first_admin(database, ADMIN_EMAIL, ADMIN_NAME, password)
    with suppress(Conflict), database.write(user(admin_id)) as transaction:
        found_organization(transaction, ORGANIZATION_NAME, ORGANIZATION_SLUG, {})
    return replace_token(database, admin_id, TOKEN_NAME)
