"""Organizations: the caller's own, founding, settings, deleting and the way back."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import Body, JsonObject, Line, Out, Slug, kept_when_absent
from howdah.entrypoints.web.pages import Cursor, PageSize, decode_cursor, page
from howdah.product.organizations.changing import (
    change_organization,
    delete_organization,
    restore_organization,
)
from howdah.product.organizations.founding import found_organization
from howdah.product.organizations.reading import get_organization, list_my_organizations
from howdah.product.organizations.slugs import RESERVED

PATH = "/orgs/<slug>"
SLUG_KEY = TypeAdapter(tuple[str])

Role = Literal["owner", "admin", "editor", "viewer"]
NewSlug = Annotated[
    Slug,
    Field(
        description="The organization's part of every address below /orgs; some are reserved.",
        json_schema_extra={"not": {"enum": list(RESERVED)}},
    ),
]


class OrganizationIn(Body):
    """A new organization."""

    name: Line
    slug: NewSlug
    settings: JsonObject = Field(default_factory=dict)


class OrganizationChange(Body):
    """The fields to change. `settings` is a JSON merge patch: null removes a key."""

    name: Line = kept_when_absent()
    slug: NewSlug = kept_when_absent()
    settings: JsonObject = kept_when_absent()


class OrganizationSummary(Out):
    """An organization in a list, with the caller's role in it."""

    id: int
    name: str
    slug: str
    role: Role
    created_at: datetime
    updated_at: datetime


class Organization(OrganizationSummary):
    """An organization, with the caller's role in it."""

    settings: JsonObject


class OrganizationPage(Out):
    """A page of a list; next_cursor is null on the last one."""

    items: list[OrganizationSummary]
    next_cursor: str | None


class OrganizationList(Body):
    """How to list."""

    limit: PageSize = 20
    cursor: Cursor | None = None


class Confirmation(Body):
    """Deleting is confirmed by naming it once more."""

    confirm: str = Field(max_length=100, description="The organization's slug again.")


@endpoint(
    "GET",
    "/orgs",
    summary="List my organizations",
    tag="organizations",
    access="user",
    query=OrganizationList,
    answers={200: OrganizationPage},
)
def list_organizations(call: Call) -> Answer:
    """The organizations that the caller is a member of, by slug."""
    after = decode_cursor(call.query.cursor, SLUG_KEY)
    rows = list_my_organizations(call.queries, after[0] if after else None, call.query.limit + 1)
    return Answer(page(rows, call.query.limit, "slug"))


@endpoint(
    "POST",
    "/orgs",
    summary="Found an organization",
    tag="organizations",
    access="user",
    body=OrganizationIn,
    answers={201: Organization},
    idempotency=True,
)
def create_organization(call: Call) -> Answer:
    """A new organization, owned by the caller."""
    asked: OrganizationIn = call.body
    row = found_organization(call.transaction, asked.name, asked.slug, asked.settings)
    return Answer(row, 201, {"Location": f"/api/v1/orgs/{row['slug']}"})


@endpoint(
    "GET",
    PATH,
    summary="Read an organization",
    tag="organizations",
    answers={200: Organization},
)
def read_organization(call: Call) -> Answer:
    """The organization with its settings."""
    return Answer({**get_organization(call.queries, call.org_id), "role": call.role})


@endpoint(
    "PATCH",
    PATH,
    summary="Change an organization",
    tag="organizations",
    role="admin",
    scope="admin",
    body=OrganizationChange,
    revokes=True,
    answers={200: Organization},
)
def change_organization_endpoint(call: Call) -> Answer:
    """Change name and settings; the slug too for an owner. Old addresses then lead nowhere."""
    asked: OrganizationChange = call.body
    row = change_organization(
        call.transaction,
        call.org_id,
        name=asked.name,
        slug=asked.slug,
        settings_patch=asked.settings,
    )
    return Answer({**row, "role": call.role})


@endpoint(
    "DELETE",
    PATH,
    summary="Delete an organization",
    tag="organizations",
    role="owner",
    scope="admin",
    query=Confirmation,
    revokes=True,
    answers={204: None},
)
def delete_organization_endpoint(call: Call) -> Answer:
    """Put the organization and all it holds out of reach, at once and for everybody.

    An owner can restore it for 30 days; then it is removed for good. Its slug stays taken until.
    """
    delete_organization(call.transaction, call.org_id, call.query.confirm)
    return Answer(None, 204)


@endpoint(
    "POST",
    f"{PATH}/restore",
    summary="Restore a deleted organization",
    tag="organizations",
    access="user",
    scope="admin",
    answers={200: Organization},
)
def restore_organization_endpoint(call: Call) -> Answer:
    """Undo a deletion; for those who own it. One that is not deleted stays as it is."""
    return Answer(restore_organization(call.transaction, call.slug))
