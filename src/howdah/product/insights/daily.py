"""The daily report of each organization: what was written, by whom, and what was looked for."""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

import orjson

from howdah.foundation.database import NOBODY, Database, Row, Statement, tenant

LOG = logging.getLogger("howdah.insights")
DAYS_MADE_UP_FOR = 7
"""Reports of so many days before are written too when they are missing."""

ORGANIZATIONS = Statement("organization_ids", "SELECT howdah.organization_ids() AS id")
MISSING = Statement(
    "daily_insights_missing",
    """
    SELECT asked.day
    FROM unnest(%s::date[]) AS asked(day)
    JOIN organizations o ON o.id = %s::integer AND o.created_at < (asked.day + 1)
    WHERE NOT EXISTS (SELECT FROM daily_insights i
                      WHERE i.org_id = %s::integer AND i.day = asked.day)
    ORDER BY asked.day
    """,
)
REPORT = Statement(
    "daily_insights_report",
    """
    WITH bounds AS (
        SELECT %s::timestamptz AS beginning, %s::timestamptz AS ending, %s::integer AS org_id,
               %s::date AS day
    ), created AS (
        -- Whatever was created then was last changed then or later, which is what is indexed.
        SELECT d.author_id, d.tags
        FROM documents d, bounds b
        WHERE d.org_id = b.org_id AND d.updated_at >= b.beginning
          AND d.created_at >= b.beginning AND d.created_at < b.ending
    ), changed AS (
        SELECT r.document_id, d.updated_by
        FROM document_revisions r
        JOIN documents d ON d.id = r.document_id, bounds b
        WHERE r.org_id = b.org_id AND r.replaced_at >= b.beginning AND r.replaced_at < b.ending
    )
    SELECT (SELECT count(*) FROM created) AS documents_created,
           (SELECT count(DISTINCT c.document_id) FROM changed c) AS documents_changed,
           (SELECT count(*) FROM documents d, bounds b
            WHERE d.org_id = b.org_id AND d.updated_at >= b.beginning
              AND d.deleted_at >= b.beginning AND d.deleted_at < b.ending) AS documents_deleted,
           (SELECT count(DISTINCT a.user_id)
            FROM (SELECT author_id AS user_id FROM created
                  UNION ALL SELECT updated_by FROM changed) a) AS active_authors,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('tag', t.tag, 'documents', t.documents)
                                      ORDER BY t.documents DESC, t.tag), '[]')
            FROM (SELECT tag, count(*) AS documents FROM created, unnest(tags) AS tag
                  GROUP BY tag ORDER BY documents DESC, tag LIMIT 10) t) AS top_tags,
           (SELECT coalesce(sum(s.searches), 0)::bigint FROM search_counts s, bounds b
            WHERE s.org_id = b.org_id AND s.day = b.day) AS searches,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('query', q.query, 'searches', q.searches,
                                                         'hits', q.hits)
                                      ORDER BY q.searches DESC, q.query), '[]')
            FROM (SELECT s.query, s.searches, s.hits FROM search_counts s, bounds b
                  WHERE s.org_id = b.org_id AND s.day = b.day
                  ORDER BY s.searches DESC, s.query LIMIT 10) q) AS top_searches
    """,
)
STORE = Statement(
    "daily_insights_store",
    """
    INSERT INTO daily_insights (org_id, day, report)
    VALUES (%s::integer, %s::date, %s::jsonb)
    ON CONFLICT (org_id, day) DO NOTHING
    """,
)


def report_days(database: Database, last_day: date) -> int:
    """Write the reports of `last_day`, and missing ones of the days before; returns how many.

    A day's report is written once: running this again changes nothing.
    """
    with database.read(NOBODY) as queries:
        organizations = [row["id"] for row in queries.all(ORGANIZATIONS)]
    written = sum(1 for org_id in organizations for _ in _report(database, org_id, last_day))
    LOG.info("daily reports written", extra={"reports": written, "last_day": last_day.isoformat()})
    return written


def _report(database: Database, org_id: int, last_day: date) -> Iterator[date]:
    days = [last_day - timedelta(days=back) for back in range(DAYS_MADE_UP_FOR + 1)]
    with database.read(tenant(org_id)) as queries:
        missing = [row["day"] for row in queries.all(MISSING, (days, org_id, org_id))]
    for day in missing:
        report = day_report(database, org_id, day)
        with database.write(tenant(org_id)) as transaction:
            transaction.execute(STORE, (org_id, day, orjson.dumps(report).decode()))
        yield day


def day_report(database: Database, org_id: int, day: date) -> Row:
    """What happened on that day (UTC) in the organization.

    {documents_created, documents_changed, documents_deleted, active_authors,
    top_tags: [{tag, documents}], searches, top_searches: [{query, searches, hits}]}
    """
    beginning = datetime.combine(day, time(), UTC)
    with database.read(tenant(org_id), "analytics") as queries:
        report = queries.one(REPORT, (beginning, beginning + timedelta(days=1), org_id, day))
    assert report is not None
    return report
