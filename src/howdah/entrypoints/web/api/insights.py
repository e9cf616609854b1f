"""What happens in an organization."""

from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import Body, Out
from howdah.entrypoints.web.fields import Day as DayIn
from howdah.entrypoints.web.problems import Contradiction
from howdah.product.insights import reports

PATH = "/orgs/<slug>/insights"
LONGEST_SPAN_DAYS = 366


class Span(Body):
    """Days in UTC, both included; the last 30 when left out."""

    first: DayIn | None = None
    last: DayIn | None = None
    limit: Annotated[int, Field(ge=1, le=100)] = 10


class Day(Out):
    """One day."""

    day: date
    documents: int


class TagCount(Out):
    """A tag and its documents."""

    tag: str
    documents: int


class AuthorCount(Out):
    """An author and their documents."""

    author_id: int
    full_name: str | None
    documents: int


class SearchCount(Out):
    """A query, how often it was asked, and what it found last."""

    query: str
    searches: int
    hits: int


class Days(Out):
    """Documents created on each day."""

    items: list[Day]


class TagCounts(Out):
    """The commonest tags."""

    items: list[TagCount]


class AuthorCounts(Out):
    """The most active authors."""

    items: list[AuthorCount]


class SearchCounts(Out):
    """The commonest searches."""

    items: list[SearchCount]


class Counters(Out):
    """How things stand now."""

    documents: int
    changed_last_hour: int
    members: int
    jobs_unfinished: int
    counted_at: datetime


def span_of(call: Call) -> tuple[date, date]:
    """First and last day. Raises Contradiction for a span that runs backwards or too long."""
    last = call.query.last or datetime.now(UTC).date()
    first = call.query.first or (last - timedelta(days=29) if last.toordinal() > 30 else last)
    if first > last:
        raise Contradiction(f"The span ends ({last}) before it begins ({first}).")
    if (last - first).days >= LONGEST_SPAN_DAYS or last.year > 9000:
        raise Contradiction(
            f"The span may have at most {LONGEST_SPAN_DAYS} days, before year 9000."
        )
    return first, last


@endpoint(
    "GET",
    f"{PATH}/documents-per-day",
    summary="Documents per day",
    tag="insights",
    query=Span,
    purpose="analytics",
    answers={200: Days},
)
def insight_documents_per_day(call: Call) -> Answer:
    """Documents created on each day of the span."""
    return Answer({"items": reports.documents_per_day(call.queries, call.org_id, *span_of(call))})


@endpoint(
    "GET",
    f"{PATH}/top-tags",
    summary="Top tags",
    tag="insights",
    query=Span,
    purpose="analytics",
    answers={200: TagCounts},
)
def insight_top_tags(call: Call) -> Answer:
    """The commonest tags of documents created in the span."""
    first, last = span_of(call)
    return Answer(
        {"items": reports.top_tags(call.queries, call.org_id, first, last, call.query.limit)}
    )


@endpoint(
    "GET",
    f"{PATH}/active-authors",
    summary="Active authors",
    tag="insights",
    query=Span,
    purpose="analytics",
    answers={200: AuthorCounts},
)
def insight_active_authors(call: Call) -> Answer:
    """Who created most documents in the span."""
    first, last = span_of(call)
    return Answer(
        {"items": reports.active_authors(call.queries, call.org_id, first, last, call.query.limit)}
    )


@endpoint(
    "GET",
    f"{PATH}/top-searches",
    summary="Top searches",
    tag="insights",
    query=Span,
    purpose="analytics",
    answers={200: SearchCounts},
)
def insight_top_searches(call: Call) -> Answer:
    """What was searched for most in the span. Counts arrive a few seconds late."""
    first, last = span_of(call)
    return Answer(
        {"items": reports.top_searches(call.queries, call.org_id, first, last, call.query.limit)}
    )


@endpoint(
    "GET",
    f"{PATH}/counters",
    summary="Live counters",
    tag="insights",
    purpose="dashboards",
    answers={200: Counters},
)
def insight_counters(call: Call) -> Answer:
    """How things stand now."""
    return Answer(reports.counters(call.queries, call.org_id))
