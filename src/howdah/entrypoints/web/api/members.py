"""Members of an organization."""

from datetime import datetime

from pydantic import Field, TypeAdapter

from howdah.entrypoints.web.api.organizations import Role
from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import Body, JsonObjectQuery, Out
from howdah.entrypoints.web.pages import Cursor, PageSize, decode_cursor, page
from howdah.product.organizations.members import Filters, change_role, list_members, remove_member

PATH = "/orgs/<slug>/members"
ONE = f"{PATH}/<int:user_id>"
USER_KEY = TypeAdapter(tuple[int])


class Member(Out):
    """A user's place in the organization. A disabled one cannot sign in."""

    user_id: int
    email: str
    full_name: str
    role: Role
    disabled: bool
    member_since: datetime


class MemberPage(Out):
    """A page of a list; next_cursor is null on the last one."""

    items: list[Member]
    next_cursor: str | None


class MemberList(Body):
    """How to list."""

    role: Role | None = None
    metadata: JsonObjectQuery = Field(
        None,
        description='Whose preferences contain this: {"notifications":{"email":true}}. '
        "Takes the role admin.",
    )
    limit: PageSize = 20
    cursor: Cursor | None = None


class MemberChange(Body):
    """A member's new role."""

    role: Role


@endpoint(
    "GET",
    PATH,
    summary="List members",
    tag="members",
    query=MemberList,
    answers={200: MemberPage},
)
def list_organization_members(call: Call) -> Answer:
    """The members, oldest account first."""
    asked: MemberList = call.query
    after = decode_cursor(asked.cursor, USER_KEY)
    rows = list_members(
        call.queries,
        call.org_id,
        Filters(asked.role, asked.metadata),
        after[0] if after else None,
        asked.limit + 1,
    )
    return Answer(page(rows, asked.limit, "user_id"))


@endpoint(
    "PATCH",
    ONE,
    summary="Change a member's role",
    tag="members",
    role="admin",
    scope="admin",
    body=MemberChange,
    revokes=True,
    answers={200: Member},
)
def change_member(call: Call) -> Answer:
    """Owners give every role; admins change editors and viewers. An owner always remains."""
    return Answer(change_role(call.transaction, call.org_id, call.path["user_id"], call.body.role))


@endpoint(
    "DELETE",
    ONE,
    summary="Remove a member",
    tag="members",
    scope="admin",
    revokes=True,
    answers={204: None},
)
def remove_organization_member(call: Call) -> Answer:
    """Leave, or remove somebody: owners everybody, admins editors and viewers.

    An owner always remains. What the member wrote stays.
    """
    remove_member(call.transaction, call.org_id, call.path["user_id"])
    return Answer(None, 204)
