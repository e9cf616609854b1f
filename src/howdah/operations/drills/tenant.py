"""The organization that a drill writes in, and what stands in it."""

from collections.abc import Mapping
from types import MappingProxyType

import psycopg

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.drills.api_client import ApiClient
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection, connect_directly

PREFIX = "drill-"
COUNT = """
SELECT d.title, count(*)
FROM documents d
JOIN organizations o ON o.id = d.org_id
WHERE o.slug = %s
GROUP BY d.title
"""
REMOVE_DOCUMENTS = """
DELETE FROM documents
WHERE org_id = (SELECT id FROM organizations WHERE slug = %s)
"""
REMOVE = "DELETE FROM organizations WHERE slug = %s"
# Nobody waits for a standby that is away: the drill may be ending on a broken cluster.
IMPATIENT = MappingProxyType({"synchronous_commit": "local", "statement_timeout": "30s"})


def found_tenant(settings: Settings, drill_id: str) -> str:
    """Make an organization of the drill's own, through the API; returns its slug."""
    slug = f"{PREFIX}{drill_id}"
    body = {"slug": slug, "name": "A drill; removed when it ends"}
    with ApiClient(settings) as client:
        client.expect("POST", "/orgs", body)
    return slug


def written(settings: Settings, slug: str) -> Mapping[str, int]:
    """Title → documents with it, asked of the primary itself. Raises Unavailable."""
    with connect_directly(settings, SUPERUSER, parameters=IMPATIENT) as connection:
        return written_there(connection, slug)


def written_there(connection: Connection, slug: str) -> Mapping[str, int]:
    """The same, asked of another database that is connected to."""
    return dict(connection.execute(COUNT, (slug,)).fetchall())


def remove_tenant(settings: Settings, slug: str) -> None:
    """Remove the organization with all it holds, for good. Raises Unavailable."""
    if not slug.startswith(PREFIX):
        raise ValueError(f"{slug} is no organization of a drill")
    with connect_directly(settings, SUPERUSER, parameters=IMPATIENT) as connection:
        try:
            with connection.transaction():
                connection.execute(REMOVE_DOCUMENTS, (slug,))
                connection.execute(REMOVE, (slug,))
        except psycopg.Error as failure:
            why = str(failure).strip().partition("\n")[0]
            raise Unavailable(f"the organization {slug} could not be removed ({why})") from failure
