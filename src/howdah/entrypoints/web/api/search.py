"""Search in an organization's documents."""

import time
from datetime import datetime
from typing import Annotated

from pydantic import Field, TypeAdapter

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import Body, Id, Language, Moment, Out, Tag
from howdah.entrypoints.web.pages import Cursor, decode_cursor, encode_cursor
from howdah.product.search.finding import TOTAL_CAP, Place, Search, find_documents, suggestion_for

Tier = Annotated[str, Field(pattern="^[0-3]/[0-3]$")]
PLACE = TypeAdapter(tuple[Tier, float, Id, int, bool])


class SearchQuery(Body):
    """What to look for. Repeat tag and any_tag for several."""

    q: Annotated[
        str,
        Field(
            min_length=1,
            max_length=400,
            pattern=r"^[^\x00]*$",
            description='Words; "a phrase"; or; -without. Case and endings do not matter.',
        ),
    ]
    tag: list[Tag] | None = Field(None, max_length=50, description="Has all of these.")
    any_tag: list[Tag] | None = Field(None, max_length=50, description="Has one of these.")
    author_id: Id | None = None
    language: Language | None = Field(None, description="Only documents in this language.")
    updated_from: Moment | None = None
    updated_to: Moment | None = None
    limit: Annotated[int, Field(ge=1, le=50)] = 10
    cursor: Cursor | None = None


class Hit(Out):
    """A document that was found."""

    id: int
    title: str
    title_html: str = Field(description="HTML-safe, the words found in <mark>.")
    snippet_html: str = Field(description="The best passages, HTML-safe, words in <mark>.")
    tags: list[str]
    language: str
    author_id: int
    revision: int
    created_at: datetime
    updated_at: datetime
    rank: float


class SearchResult(Out):
    """A page of hits, best first."""

    items: list[Hit]
    total: int = Field(description=f"How many there are, counted up to {TOTAL_CAP}.")
    total_is_exact: bool = Field(description="False: there are more than total.")
    next_cursor: str | None
    did_you_mean: str | None = Field(description="When nothing was found: a spelling that may.")
    note: str | None = Field(description="Why nothing can be found, when that is so.")
    took_ms: float


@endpoint(
    "GET",
    "/orgs/<slug>/search",
    summary="Search",
    tag="search",
    purpose="any",
    query=SearchQuery,
    answers={200: SearchResult},
)
def search_documents(call: Call) -> Answer:
    """Ranked hits with highlighted titles and snippets. Titles weigh more than content."""
    started = time.perf_counter()
    asked: SearchQuery = call.query
    after = decode_cursor(asked.cursor, PLACE)
    found = find_documents(
        call.queries,
        Search(
            text=asked.q,
            limit=asked.limit,
            language=asked.language,
            author_id=asked.author_id,
            all_tags=asked.tag,
            any_tags=asked.any_tag,
            updated_from=asked.updated_from,
            updated_to=asked.updated_to,
            after=Place(*after) if after else None,
        ),
    )
    suggestion, note = None, None
    if not found.hits and after is None:
        suggestion, note = help_for(call)
    if after is None:
        call.services.search_counts.add(call.org_id, asked.q, found.total)
    place = found.next_place
    cursor = (
        encode_cursor(place.tier, place.rank, place.document_id, place.total, place.total_exact)
        if place
        else None
    )
    return Answer(
        {
            "items": found.hits,
            "total": found.total,
            "total_is_exact": found.total_exact,
            "next_cursor": cursor,
            "did_you_mean": suggestion,
            "note": note,
            "took_ms": round((time.perf_counter() - started) * 1000, 2),
        }
    )


def help_for(call: Call) -> tuple[str | None, str | None]:
    """For a search that found nothing: a better spelling, or why nothing can be found."""
    text: str = call.query.q
    if not any(character.isalnum() for character in text):
        return None, "The query has no words in it."
    suggestion = suggestion_for(call.queries, text)
    if suggestion is not None:
        return suggestion, None
    return None, "Nothing matches. Very common words such as “the” cannot be searched alone."
