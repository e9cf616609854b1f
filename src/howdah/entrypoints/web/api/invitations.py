"""Invitations to an organization."""

from datetime import datetime

from pydantic import Field, TypeAdapter

from howdah.entrypoints.web.api.organizations import Role
from howdah.entrypoints.web.calls import AUTHENTICATE, Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import (
    Body,
    Email,
    Line,
    NewPassword,
    Out,
    Text,
    kept_when_absent,
)
from howdah.entrypoints.web.pages import Cursor, PageSize, decode_cursor, page
from howdah.foundation.database import Binding
from howdah.product.organizations.invitations import (
    Newcomer,
    accept_as_newcomer,
    accept_as_user,
    invite,
    list_invitations,
    revoke_invitation,
)

PATH = "/orgs/<slug>/invitations"
ID_KEY = TypeAdapter(tuple[int])


class InvitationIn(Body):
    """Whom to invite, as what."""

    email: Email
    role: Role


class Invitation(Out):
    """An invitation that was not accepted yet."""

    id: int
    email: str
    role: Role
    invited_by: int | None
    created_at: datetime
    expires_at: datetime


class NewInvitation(Invitation):
    """An invitation just made. The token is told here only, and kept nowhere."""

    token: str


class InvitationPage(Out):
    """A page of a list; next_cursor is null on the last one."""

    items: list[Invitation]
    next_cursor: str | None


class InvitationList(Body):
    """How to list."""

    limit: PageSize = 20
    cursor: Cursor | None = None


class Acceptance(Body):
    """The token; name and password make an account for an address that has none."""

    token: Text = Field(min_length=1, max_length=200)
    full_name: Line = kept_when_absent()
    password: NewPassword = kept_when_absent()


class Accepted(Out):
    """Who belongs where now, as what."""

    user_id: int
    org_slug: str
    org_name: str
    role: Role


# No Idempotency-Key here: its record would keep the token. Sending it twice is a Conflict.
@endpoint(
    "POST",
    PATH,
    summary="Invite somebody",
    tag="invitations",
    role="admin",
    scope="admin",
    body=InvitationIn,
    answers={201: NewInvitation},
)
def create_invitation(call: Call) -> Answer:
    """An invitation for one address. No mail is sent yet: hand the token over yourself.

    It is told in this answer only. Admins invite editors and viewers, owners anybody.
    """
    days = call.services.settings.topology.security.invitation_days
    return Answer(invite(call.transaction, call.org_id, call.body.email, call.body.role, days), 201)


@endpoint(
    "GET",
    PATH,
    summary="List open invitations",
    tag="invitations",
    role="admin",
    query=InvitationList,
    answers={200: InvitationPage},
)
def list_organization_invitations(call: Call) -> Answer:
    """Invitations not accepted yet, newest first; expired ones until the nightly cleaning."""
    after = decode_cursor(call.query.cursor, ID_KEY)
    rows = list_invitations(
        call.queries, call.org_id, after[0] if after else None, call.query.limit + 1
    )
    return Answer(page(rows, call.query.limit, "id"))


@endpoint(
    "DELETE",
    f"{PATH}/<int:invitation_id>",
    summary="Revoke an invitation",
    tag="invitations",
    role="admin",
    scope="admin",
    answers={204: None},
)
def revoke_organization_invitation(call: Call) -> Answer:
    """The token is worth nothing from now on."""
    revoke_invitation(call.transaction, call.org_id, call.path["invitation_id"])
    return Answer(None, 204)


# No transaction: hashing the password takes long, and must not hold one open.
@endpoint(
    "POST",
    "/invitations/accept",
    summary="Accept an invitation",
    tag="invitations",
    access="anybody",
    transaction=False,
    body=Acceptance,
    answers={200: Accepted},
)
def accept_invitation(call: Call) -> Answer:
    """Become a member: signed in, or with name and password when the address has no account.

    A token works once.
    """
    asked: Acceptance = call.body
    database = call.services.database
    if call.token is not None:
        caller = Binding(AUTHENTICATE, (call.token_hash, "write", False))
        return Answer(accept_as_user(database, caller, asked.token))
    return Answer(accept_as_newcomer(database, asked.token, newcomer_of(asked)))


def newcomer_of(asked: Acceptance) -> Newcomer | None:
    """Name and password, when both were sent."""
    if {"full_name", "password"} <= asked.model_fields_set:
        return Newcomer(asked.full_name, asked.password.get_secret_value())
    return None
