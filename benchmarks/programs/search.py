"""Search: what it costs the database, how fast the API answers, and whether ranking is kept."""

from typing import Any

from psycopg import ClientCursor, sql

from benchmarks.data.scale import FIRST_ORG_ID
from benchmarks.data.words import SHARES, Word, words_at
from benchmarks.measure.report import TIMES, Promise, Report
from benchmarks.measure.rounds import measure
from benchmarks.measure.statements import SESSION, Connection, Work, discarded, statement_cost
from benchmarks.workspace import Workspace

SUMMARY = "CPU of search against the architecture document's query, rare to very common words"
NEEDS = ("postgresql",)

# The architecture document's query, and the same with what a product adds: the tenant, a page and
# snippets for that page.
AS_WRITTEN = """
SELECT title, ts_rank(search_vector, query) AS rank
FROM architecture.documents, to_tsquery('english', {word}) query
WHERE search_vector @@ query
ORDER BY rank DESC
"""
AS_A_PAGE = """
SELECT page.title, page.rank, ts_headline('english', page.content, page.query)
FROM (SELECT title, content, query, ts_rank(search_vector, query) AS rank
      FROM architecture.documents, to_tsquery('english', {word}) query
      WHERE search_vector @@ query AND org_id = {org}
      ORDER BY rank DESC
      LIMIT 10) AS page
"""
OURS = """
SELECT howdah.bind(%s::integer, NULL);
SELECT * FROM howdah.search_documents(%s, 10)
"""


def run(workspace: Workspace) -> Report:
    """CPU of one search in the largest organization, top 10 with snippets."""
    with (
        workspace.connect(parameters=SESSION) as theirs,
        workspace.connect("app_write", parameters=SESSION) as ours,
    ):
        ours.cursor_factory = ClientCursor
        rows = [_compare(workspace, theirs, ours, word) for word in words_at(theirs, SHARES)]
    commonest = min(rows, key=lambda row: abs(row[2] - 44))
    return Report(
        name="search",
        title=f"Search in {workspace.scale.documents:,} documents, the largest organization",
        columns=(
            "word",
            "documents",
            "% of its documents",
            "CPU ms",
            "as the architecture writes it, CPU ms",
            "ratio",
            "with tenant, page and snippets, CPU ms",
            "ratio ",
        ),
        rows=rows,
        promises=[
            Promise(
                f"CPU of the architecture's query against ours, “{commonest[0]}” "
                f"({commonest[2]:.0f} % of the documents), top 10 with snippets",
                commonest[5],
                15,
                at_least=True,
                unit=TIMES,
                judged=workspace.scale.full,
            )
        ],
        notes=[
            "Ours: `howdah.search_documents`, as the API sends it, in one message with the tenant; "
            "titles, snippets, the total up to 200.",
            "The architecture's query reads and ranks every match of all organizations; sending "
            "them is not counted. Both run in one process without JIT compilation.",
        ],
    )


def _compare(
    workspace: Workspace, theirs: Connection, ours: Connection, word: Word
) -> tuple[Any, ...]:
    workspace.say(f"search: {word.text} ({word.share:.2%})")
    rounds = measure(
        {
            "ours": statement_cost(ours, _ours(ours, word)),
            "written": statement_cost(theirs, discarded(theirs, _query(AS_WRITTEN, theirs, word))),
            "page": statement_cost(theirs, discarded(theirs, _query(AS_A_PAGE, theirs, word))),
        },
        workspace.rounds,
    )
    return (
        word.text,
        word.documents,
        word.share * 100,
        rounds.median("ours") * 1000,
        rounds.median("written") * 1000,
        rounds.ratio("written", to="ours"),
        rounds.median("page") * 1000,
        rounds.ratio("page", to="ours"),
    )


def _ours(connection: Connection, word: Word) -> Work:
    def search() -> None:
        cursor = connection.execute(OURS.encode(), (FIRST_ORG_ID, word.text))
        cursor.nextset()
        cursor.fetchall()

    return search


def _query(text: str, connection: Connection, word: Word) -> str:
    return (
        sql.SQL(text)  # type: ignore[arg-type]  # a constant of this module
        .format(word=sql.Literal(word.text), org=sql.Literal(FIRST_ORG_ID))
        .as_string(connection)
    )
