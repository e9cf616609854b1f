"""Reports over a span of days, and counters of this moment."""

from datetime import date
from typing import Any

from howdah.foundation.database import Queries, Row, Statement

DOCUMENTS_PER_DAY = Statement(
    "insight_documents_per_day",
    """
    SELECT days.day::date AS day, count(d.id) AS documents
    FROM generate_series(%s::date, %s::date, interval '1 day') AS days(day)
    LEFT JOIN howdah.tenant_documents d
        ON d.org_id = %s::integer AND d.deleted_at IS NULL
       AND d.created_at >= days.day AT TIME ZONE 'UTC'
       AND d.created_at < (days.day + interval '1 day') AT TIME ZONE 'UTC'
    GROUP BY days.day
    ORDER BY days.day
    """,
)
TOP_TAGS = Statement(
    "insight_top_tags",
    """
    SELECT tag, count(*) AS documents
    FROM howdah.tenant_documents d, unnest(d.tags) AS tag
    WHERE d.org_id = %s::integer AND d.deleted_at IS NULL
      AND d.created_at >= %s::date AND d.created_at < %s::date + 1
    GROUP BY tag
    ORDER BY documents DESC, tag
    LIMIT %s
    """,
)
ACTIVE_AUTHORS = Statement(
    "insight_active_authors",
    """
    SELECT d.author_id, u.full_name, count(*) AS documents
    FROM howdah.tenant_documents d
    LEFT JOIN howdah.members u ON u.user_id = d.author_id
    WHERE d.org_id = %s::integer AND d.deleted_at IS NULL
      AND d.created_at >= %s::date AND d.created_at < %s::date + 1
    GROUP BY d.author_id, u.full_name
    ORDER BY documents DESC, d.author_id
    LIMIT %s
    """,
)
TOP_SEARCHES = Statement(
    "insight_top_searches",
    """
    SELECT query, sum(searches)::integer AS searches,
           (array_agg(hits ORDER BY day DESC))[1] AS hits
    FROM search_counts
    WHERE org_id = %s::integer AND day BETWEEN %s::date AND %s::date
    GROUP BY query
    ORDER BY searches DESC, query
    LIMIT %s
    """,
)
COUNTERS = Statement(
    "insight_counters",
    """
    SELECT
        (SELECT count(*) FROM howdah.tenant_documents d
         WHERE d.org_id = %s::integer AND d.deleted_at IS NULL) AS documents,
        (SELECT count(*) FROM howdah.tenant_documents d
         WHERE d.org_id = %s::integer AND d.deleted_at IS NULL
           AND d.updated_at >= now() - interval '1 hour') AS changed_last_hour,
        (SELECT count(*) FROM howdah.members m WHERE m.org_id = %s::integer) AS members,
        (SELECT count(*) FROM jobs j
         WHERE j.org_id = %s::integer AND j.state IN ('queued', 'running')) AS jobs_unfinished,
        now() AS counted_at
    """,
)


def documents_per_day(queries: Queries, org_id: int, first: date, last: date) -> list[Row]:
    """Each day from first to last (UTC), also those without documents."""
    return queries.all(DOCUMENTS_PER_DAY, (first, last, org_id))


def top_tags(queries: Queries, org_id: int, first: date, last: date, limit: int) -> list[Row]:
    """The commonest tags of documents created in the span."""
    return queries.all(TOP_TAGS, (org_id, first, last, limit))


def active_authors(queries: Queries, org_id: int, first: date, last: date, limit: int) -> list[Row]:
    """Who created most in the span; full_name is None for people who have left."""
    return queries.all(ACTIVE_AUTHORS, (org_id, first, last, limit))


def top_searches(queries: Queries, org_id: int, first: date, last: date, limit: int) -> list[Row]:
    """What was searched for most in the span, with how much the last search found."""
    return queries.all(TOP_SEARCHES, (org_id, first, last, limit))


def counters(queries: Queries, org_id: int) -> dict[str, Any]:
    """How things stand now. Round trips: 1."""
    row = queries.one(COUNTERS, (org_id, org_id, org_id, org_id))
    assert row is not None
    return row
