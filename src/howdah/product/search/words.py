"""The words that an organization uses, counted anew for spelling suggestions."""

import logging

from howdah.foundation.database import NOBODY, Database, Statement, tenant
from howdah.foundation.queue.background import allow_seconds

LOG = logging.getLogger("howdah.search")
REFRESH_TASK = "search.refresh_words"
STATEMENT_SECONDS = 600.0

# Two refreshes of one organization would wait for each other's rows; the second is not needed.
LOCK = Statement(
    "search_words_lock", "SELECT pg_try_advisory_xact_lock(hashtext('search words'), %s::integer)"
)
REFRESH = Statement("search_words_refresh", "SELECT howdah.refresh_search_words()")
ORGANIZATIONS = Statement("organization_ids", "SELECT howdah.organization_ids() AS id")


def refresh_words(database: Database, org_id: int) -> int | None:
    """Count the organization's words from its newest documents; returns how many there are.

    None when another refresh of the same organization is under way.
    """
    with database.write(tenant(org_id)) as transaction:
        allow_seconds(transaction, STATEMENT_SECONDS)
        if not transaction.value(LOCK, (org_id,)):
            return None
        return int(transaction.value(REFRESH))


def refresh_all_words(database: Database) -> None:
    """Every organization's words, each in a transaction of its own."""
    with database.read(NOBODY) as queries:
        organizations = [row["id"] for row in queries.all(ORGANIZATIONS)]
    for org_id in organizations:
        refresh_words(database, org_id)
    LOG.info("search words refreshed", extra={"organizations": len(organizations)})
