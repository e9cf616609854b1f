"""Ranked search. The work is howdah.search_documents() (migration 037); this shapes its rows."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from howdah.foundation.database import Queries, Row, Statement

SEARCH = Statement(
    "document_search",
    """
    SELECT id, title, title_marked, snippet, tags, language, author_id, revision, created_at,
           updated_at, rank, tier, total, total_exact, has_more
    FROM howdah.search_documents(
        %s, %s::integer, %s::text, %s::integer, %s::text[], %s::text[], %s::timestamptz,
        %s::timestamptz, %s::text, %s::real, %s::integer, %s::integer)
    """,
)
SUGGEST = Statement(
    "search_suggest", "SELECT word, suggestion FROM howdah.suggest_words(%s::text[])"
)
TOTAL_CAP = 200
WORD = re.compile(r"[^\W\d_]{3,30}")
MARKED = re.compile("\ue000([^\ue000\ue001]*)\ue001")
MARKS = re.compile("[\ue000\ue001]")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*\)")
MARKUP = re.compile(r"(?:(?<=\s)|^)#{1,6}\s+|\*\*|`")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended: tier, rank and id of its last hit, and the first page's total."""

    tier: str
    rank: float
    document_id: int
    total: int
    total_exact: bool


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for. `text` in websearch syntax: quotes, or, -word; no text is an error."""

    text: str
    limit: int = 10
    language: str | None = None
    author_id: int | None = None
    all_tags: Sequence[str] | None = None
    any_tags: Sequence[str] | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of hits. `total` counts up to TOTAL_CAP; beyond it `total_exact` is False."""

    hits: list[Row]
    total: int
    total_exact: bool
    next_place: Place | None


def find_documents(queries: Queries, search: Search) -> Found:
    """A page of hits, best first. Round trips: 1."""
    after = search.after
    rows = queries.all(
        SEARCH,
        (
            search.text,
            search.limit,
            search.language,
            search.author_id,
            list(search.all_tags) if search.all_tags else None,
            list(search.any_tags) if search.any_tags else None,
            search.updated_from,
            search.updated_to,
            after.tier if after else None,
            after.rank if after else None,
            after.document_id if after else None,
            TOTAL_CAP,
        ),
    )
    if not rows:
        return Found([], after.total if after else 0, after.total_exact if after else True, None)
    last = rows[-1]
    total = after.total if after else last["total"]
    exact = after.total_exact if after else last["total_exact"]
    place = Place(last["tier"], last["rank"], last["id"], total, exact)
    return Found([hit_of(row) for row in rows], total, exact, place if last["has_more"] else None)


def hit_of(row: Row) -> dict[str, Any]:
    """A hit as users see it: title and snippet are HTML-safe, with `<mark>` around the words."""
    kept = ("id", "title", "tags", "language", "author_id", "revision", "created_at", "updated_at")
    hit: dict[str, Any] = {name: row[name] for name in kept}
    hit["title_html"] = marked(row["title_marked"])
    hit["snippet_html"] = marked(as_prose(row["snippet"]))
    hit["rank"] = round(row["rank"], 6)
    return hit


def marked(text: str) -> str:
    """Escape everything, then turn pairs of the database's marks into elements.

    A document may hold the same characters: those that make no pair are dropped.
    """
    return MARKS.sub("", MARKED.sub(r"<mark>\1</mark>", html.escape(text, quote=False)))


def as_prose(passage: str) -> str:
    """A passage of Markdown without the signs that only matter where it is rendered."""
    return MARKUP.sub("", LINK.sub(r"\1", passage))


def suggestion_for(queries: Queries, text: str) -> str | None:
    """The query with misspelt words replaced by words of the organization, if that changes it.

    Round trips: 1, or none when there is no word to look at.
    """
    words = list(dict.fromkeys(word.lower() for word in WORD.findall(text)))[:20]
    if not words:
        return None
    better = {row["word"]: row["suggestion"] for row in queries.all(SUGGEST, (words,))}
    if not better:
        return None
    return WORD.sub(lambda found: better.get(found[0].lower(), found[0]), text)
