"""Whether the champion tier keeps the ranking: our first ten against the exact first ten."""

from dataclasses import dataclass
from statistics import mean
from typing import Any

from psycopg import ClientCursor

from benchmarks.data.scale import FIRST_ORG_ID
from benchmarks.data.words import queries_with_choice
from benchmarks.measure.report import Promise, Report
from benchmarks.measure.statements import SESSION, Connection
from benchmarks.workspace import Workspace

SUMMARY = "overlap of our top 10 with the exact ts_rank top 10, over 200 real queries"
NEEDS = ("postgresql",)

QUERIES = 200
PAGE = 10
# With no more matches than a page holds, nothing is ranked away and every order overlaps fully.
LEAST_MATCHES = 2 * PAGE
OURS = """
SELECT howdah.bind(%s::integer, NULL);
SELECT id FROM howdah.search_documents(%s, %s)
"""
EXACT = """
SELECT set_config('app.org_id', %s::text, true);
SELECT d.id, ts_rank(d.search_vector, query) AS rank
FROM public.documents d, howdah.search_query(%s, NULL) query
WHERE d.org_id = %s::integer AND d.deleted_at IS NULL AND d.search_vector @@ query
ORDER BY rank DESC, d.id DESC
"""


@dataclass(frozen=True)
class Overlap:
    """Shares of 0 to 1. `tied` counts a document that ranks as high as the tenth as well."""

    query: str
    matches: int
    strict: float
    tied: float


def run(workspace: Workspace) -> Report:
    """Both sides rank by the same vector; ours may look at the champion tier only."""
    with (
        workspace.connect(parameters=SESSION) as exact,
        workspace.connect("app_write", parameters=SESSION) as ours,
    ):
        exact.cursor_factory = ours.cursor_factory = ClientCursor
        queries = queries_with_choice(exact, FIRST_ORG_ID, QUERIES, LEAST_MATCHES)
        workspace.say(f"ranking: {len(queries)} queries")
        found = [_overlap(ours, exact, query) for query in queries]
    return Report(
        name="ranking",
        title=f"Ranking kept, the largest organization of {workspace.scale.documents:,} documents",
        columns=("queries", "number", "matches (median)", "overlap", "overlap, ties counted"),
        rows=_rows(found),
        promises=[
            Promise(
                f"mean overlap of the first {PAGE}, {len(found)} queries",
                mean(one.strict for one in found),
                0.9,
                at_least=True,
                judged=len(found) == QUERIES and workspace.scale.full,
            )
        ],
        notes=[
            "Queries: entries of the PostgreSQL manual's index and titles of documentation pages, "
            f"those with at least {LEAST_MATCHES} matches, in a fixed order.",
            "Lowest: "
            + ", ".join(
                f"“{one.query}” {one.strict:.1f} of {one.matches} matches"
                for one in sorted(found, key=lambda one: one.strict)[:5]
            )
            + ".",
        ],
    )


def _overlap(ours: Connection, exact: Connection, query: str) -> Overlap:
    cursor = ours.execute(OURS.encode(), (FIRST_ORG_ID, query, PAGE))
    cursor.nextset()
    page = [row[0] for row in cursor.fetchall()]
    cursor = exact.execute(EXACT.encode(), (FIRST_ORG_ID, query, FIRST_ORG_ID))
    cursor.nextset()
    ranked = cursor.fetchall()
    return compare(query, page, ranked)


def compare(query: str, page: list[int], ranked: list[tuple[Any, ...]]) -> Overlap:
    """How much of the exact first page ours holds; `ranked` is (id, rank) of every match."""
    best = ranked[:PAGE]
    ids = {row[0] for row in best}
    ranks = dict(ranked)
    as_high = sum(ranks.get(found, 0.0) >= best[-1][1] for found in page)
    return Overlap(
        query,
        len(ranked),
        len(ids.intersection(page)) / len(best),
        min(as_high, len(best)) / len(best),
    )


def _rows(found: list[Overlap]) -> list[tuple[Any, ...]]:
    """All queries, then those of few, of many and of very many matches."""
    bands = (("all", 0, 10**9), ("fewer than 200 matches", 0, 200))
    bands += (("200 to 2,000", 200, 2_000), ("2,000 and more", 2_000, 10**9))
    rows: list[tuple[Any, ...]] = []
    for name, low, high in bands:
        band = sorted((one for one in found if low <= one.matches < high), key=lambda o: o.matches)
        if band:
            middle = band[len(band) // 2].matches
            strict, tied = mean(one.strict for one in band), mean(one.tied for one in band)
            rows.append((name, len(band), middle, strict, tied))
    return rows
