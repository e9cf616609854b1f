"""All users, for the people who run the installation."""

from datetime import datetime
from typing import Literal

from pydantic import Field, StrictBool, TypeAdapter

from howdah.entrypoints.web.api.sessions import Account
from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import (
    Body,
    Email,
    JsonObject,
    JsonObjectQuery,
    Line,
    NewPassword,
    Out,
    kept_when_absent,
)
from howdah.entrypoints.web.idempotency import in_transaction
from howdah.entrypoints.web.pages import Cursor, PageSize, decode_cursor, page
from howdah.product.accounts.passwords import check_new_password, hash_password
from howdah.product.accounts.users import (
    Registration,
    UserChange,
    change_user,
    get_user,
    list_users,
    register_user,
    remove_user,
)

PATH = "/users"
ONE = f"{PATH}/<int:user_id>"
USER_KEY = TypeAdapter(tuple[int])

UserRole = Literal["user", "admin"]


class User(Account):
    """Somebody, as those see them who run the installation."""

    disabled_at: datetime | None


class UserPage(Out):
    """A page of a list; next_cursor is null on the last one."""

    items: list[User]
    next_cursor: str | None


class UserList(Body):
    """How to list."""

    metadata: JsonObjectQuery = Field(
        None,
        description='Whose preferences contain this: {"notifications":{"email":true}}.',
    )
    email: Email | None = None
    limit: PageSize = 20
    cursor: Cursor | None = None


class UserIn(Body):
    """A new user. `admin` runs the installation; it says nothing about organizations."""

    email: Email
    full_name: Line
    password: NewPassword
    role: UserRole = "user"
    metadata: JsonObject = Field(default_factory=dict)


class UserPatch(Body):
    """The fields to change. `metadata` is a JSON merge patch: null removes a key."""

    full_name: Line = kept_when_absent()
    role: UserRole = kept_when_absent()
    disabled: StrictBool = kept_when_absent()
    metadata: JsonObject = kept_when_absent()


@endpoint(
    "GET",
    PATH,
    summary="List users",
    tag="users",
    access="platform",
    query=UserList,
    answers={200: UserPage},
)
def list_all_users(call: Call) -> Answer:
    """Users in the order of their ids."""
    asked: UserList = call.query
    after = decode_cursor(asked.cursor, USER_KEY)
    rows = list_users(
        call.queries,
        metadata=asked.metadata,
        email=asked.email,
        after=after[0] if after else None,
        limit=asked.limit + 1,
    )
    return Answer(page(rows, asked.limit, "id"))


# The password is hashed before the transaction, and after it is known who asks.
@endpoint(
    "POST",
    PATH,
    summary="Create a user",
    tag="users",
    access="platform",
    scope="admin",
    transaction=False,
    body=UserIn,
    answers={201: User},
    idempotency=True,
)
def create_user(call: Call) -> Answer:
    """A new user, who signs in with this password. Members are better invited."""
    call.identified()
    asked: UserIn = call.body
    password = asked.password.get_secret_value()
    check_new_password(password, asked.email)
    registration = Registration(
        asked.email, asked.full_name, hash_password(password), asked.role, asked.metadata
    )

    def register(call: Call) -> Answer:
        row = get_user(call.transaction, register_user(call.transaction, registration))
        return Answer(row, 201, {"Location": f"/api/v1/users/{row['id']}"})

    return in_transaction(call, register)


@endpoint("GET", ONE, summary="Read a user", tag="users", access="platform", answers={200: User})
def read_user(call: Call) -> Answer:
    """One user."""
    return Answer(get_user(call.queries, call.path["user_id"]))


@endpoint(
    "PATCH",
    ONE,
    summary="Change a user",
    tag="users",
    access="platform",
    scope="admin",
    body=UserPatch,
    revokes=True,
    answers={200: User},
)
def change_user_endpoint(call: Call) -> Answer:
    """Change role, name or preferences, or disable: sessions end and tokens stop at once.

    Nobody can disable or demote themself.
    """
    asked: UserPatch = call.body
    change = UserChange(asked.role, asked.full_name, asked.disabled, asked.metadata)
    return Answer(change_user(call.transaction, call.path["user_id"], change))


@endpoint(
    "DELETE",
    ONE,
    summary="Delete a user",
    tag="users",
    access="platform",
    scope="admin",
    revokes=True,
    answers={204: None},
)
def delete_user(call: Call) -> Answer:
    """Remove somebody to whom nothing refers; others can be disabled."""
    remove_user(call.transaction, call.path["user_id"])
    return Answer(None, 204)
