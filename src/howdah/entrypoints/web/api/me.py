"""The caller's own account."""

from typing import Literal

from howdah.entrypoints.web.api.sessions import Account, spend_attempt
from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import (
    Body,
    JsonObject,
    Line,
    NewPassword,
    Out,
    Password,
    kept_when_absent,
)
from howdah.entrypoints.web.idempotency import in_transaction
from howdah.product.accounts.changing_password import kept_password, replace_password, replacement
from howdah.product.accounts.own_account import change_me, get_me


class Membership(Out):
    """An organization that somebody belongs to, and as what."""

    id: int
    slug: str
    name: str
    role: Literal["owner", "admin", "editor", "viewer"]


class Me(Account):
    """The caller, with their first 100 organizations by slug; `GET /orgs` lists all."""

    organizations: list[Membership]


class MeChange(Body):
    """The fields to change. `metadata` is a JSON merge patch: null removes a key."""

    full_name: Line = kept_when_absent()
    metadata: JsonObject = kept_when_absent()


class PasswordChange(Body):
    """The current password and the new one: 12 to 200 characters, not the e-mail address."""

    current_password: Password
    new_password: NewPassword


@endpoint("GET", "/me", summary="Read my account", tag="me", access="user", answers={200: Me})
def read_me(call: Call) -> Answer:
    """Who the caller is. A token narrowed to one organization shows only that one."""
    return Answer(get_me(call.queries))


@endpoint(
    "PATCH",
    "/me",
    summary="Change my account",
    tag="me",
    access="user",
    body=MeChange,
    answers={200: Account},
)
def change_my_account(call: Call) -> Answer:
    """Change name and preferences. Patches of the preferences at the same time are all kept."""
    row = change_me(
        call.transaction, full_name=call.body.full_name, metadata_patch=call.body.metadata
    )
    return Answer(row)


# No transaction while passwords are hashed.
@endpoint(
    "POST",
    "/me/password",
    summary="Change my password",
    tag="me",
    access="user",
    transaction=False,
    revokes=True,
    body=PasswordChange,
    answers={204: None},
)
def change_my_password(call: Call) -> Answer:
    """Put a new password in place. The caller's other sessions end; API tokens stay."""
    kept = kept_password(call.queries)
    spend_attempt(call, kept.email)
    new_hash = replacement(
        kept,
        call.body.current_password.get_secret_value(),
        call.body.new_password.get_secret_value(),
    )

    def replace(call: Call) -> Answer:
        replace_password(call.transaction, kept, new_hash, call.token_hash)
        return Answer(None, 204)

    return in_transaction(call, replace)
