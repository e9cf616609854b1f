"""Reading organizations."""

from howdah.foundation.database import Queries, Row, Statement
from howdah.foundation.errors import NotFound

GET = Statement(
    "organization_get",
    """
    SELECT id, name, slug, coalesce(settings, '{}') AS settings, created_at, updated_at
    FROM organizations
    WHERE id = %s::integer AND deleted_at IS NULL
    """,
)
LIST_MINE = Statement(
    "organization_list_mine",
    """
    SELECT o.id, o.name, o.slug, m.role, o.created_at, o.updated_at
    FROM memberships m
    JOIN organizations o ON o.id = m.org_id
    WHERE m.user_id = howdah.current_user_id()
      AND o.deleted_at IS NULL
      AND (howdah.token_org_id() IS NULL OR o.id = howdah.token_org_id())
      AND (%s::text IS NULL OR o.slug > %s::text)
    ORDER BY o.slug
    LIMIT %s
    """,
)


def get_organization(queries: Queries, org_id: int) -> Row:
    """One organization with its settings. Raises NotFound."""
    row = queries.one(GET, (org_id,))
    if row is None:
        raise NotFound("There is no such organization.")
    return row


def list_my_organizations(queries: Queries, after: str | None, limit: int) -> list[Row]:
    """The caller's organizations with their role in each, by slug. `after`: a slug."""
    return queries.all(LIST_MINE, (after, after, limit))
