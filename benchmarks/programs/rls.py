"""What row-level security costs the statements of the API."""

from collections.abc import Callable
from typing import Any

from psycopg import ClientCursor

from benchmarks.data.scale import FIRST_ORG_ID
from benchmarks.data.words import word_near
from benchmarks.measure.report import TIMES, Promise, Report
from benchmarks.measure.rounds import measure
from benchmarks.measure.statements import SESSION, Connection, Work, statement_cost
from benchmarks.workspace import Workspace
from howdah.product.documents.reading import GET, LIST_BY_TIME, Filters

SUMMARY = "row-level security on against off: get, list and search"
NEEDS = ("postgresql",)

BIND = "SELECT howdah.bind(%s::integer, NULL);"
SEARCH = "SELECT * FROM howdah.search_documents(%s, 10)"
PLAIN_SEARCH = """
SELECT id, title, ts_rank(search_vector, query) AS rank
FROM documents, websearch_to_tsquery('english', %s) query
WHERE org_id = %s::integer AND search_vector @@ query
ORDER BY rank DESC
LIMIT 10
"""
_PAGE = (*Filters().parameters(), None, None, None, 21)
# A turn needs the new catalog state to be in the backend's caches before it counts.
_WARMING = 3


def run(workspace: Workspace) -> Report:
    """Each statement as the API sends it, in one message with the tenant, as app_write."""
    with (
        workspace.connect() as owner,
        workspace.connect("app_write", parameters=SESSION) as application,
    ):
        application.cursor_factory = ClientCursor
        try:
            rows = [
                _compare(workspace, owner, application, *statement)
                for statement in _statements(owner)
            ]
        finally:
            _switch(owner, on=True)
    return Report(
        name="rls",
        title=f"Row-level security, {workspace.scale.documents:,} documents",
        columns=("statement", "on, CPU ms", "off, CPU ms", "ratio"),
        rows=rows,
        promises=[
            Promise(
                f"{row[0]}: on against off",
                row[3],
                1.1,
                unit=TIMES,
                judged=workspace.scale.documents >= 1_000_000,
            )
            for row in rows
            if "not used" not in row[0]
        ],
        notes=[
            "Off: `ALTER TABLE documents DISABLE ROW LEVEL SECURITY`, between turns.",
            "The API lists through a view and searches through a function that filter by the "
            "tenant themselves, because `@@` and the array operators may not use an index below "
            "a policy. The last row is what a plain query would cost.",
        ],
    )


def _statements(connection: Connection) -> list[tuple[str, str, tuple[Any, ...]]]:
    """(name, text, parameters)."""
    document = connection.execute(
        "SELECT max(id) FROM documents WHERE org_id = %s", (FIRST_ORG_ID,)
    ).fetchone()
    common, rare = word_near(connection, 0.44).text, word_near(connection, 0.001).text
    return [
        ("get", GET.text, (FIRST_ORG_ID, document[0] if document else 0)),
        ("list 20", LIST_BY_TIME.text, (FIRST_ORG_ID, *_PAGE)),
        ("search, common word", SEARCH, (common,)),
        ("search, rare word", SEARCH, (rare,)),
        ("search as a plain query, rare word (not used)", PLAIN_SEARCH, (rare, FIRST_ORG_ID)),
    ]


def _compare(  # noqa: PLR0913, PLR0917  (one row of the table)
    workspace: Workspace,
    owner: Connection,
    application: Connection,
    name: str,
    text: str,
    parameters: tuple[Any, ...],
) -> tuple[Any, ...]:
    workspace.say(f"rls: {name}")
    work = _message(application, text, parameters)
    rounds = measure(
        {
            state: _switched(owner, state == "on", work, statement_cost(application, work))
            for state in ("on", "off")
        },
        workspace.rounds,
    )
    return (
        name,
        rounds.median("on") * 1000,
        rounds.median("off") * 1000,
        rounds.ratio("on", to="off"),
    )


def _message(connection: Connection, text: str, parameters: tuple[Any, ...]) -> Work:
    def send() -> None:
        cursor = connection.execute((BIND + text).encode(), (FIRST_ORG_ID, *parameters))
        cursor.nextset()
        cursor.fetchall()

    return send


def _switched(
    owner: Connection, on: bool, work: Work, cost: Callable[[], float]
) -> Callable[[], float]:
    def turn() -> float:
        _switch(owner, on)
        for _ in range(_WARMING):
            work()
        return cost()

    return turn


def _switch(owner: Connection, on: bool) -> None:
    state = "ENABLE" if on else "DISABLE"
    owner.execute(f"ALTER TABLE public.documents {state} ROW LEVEL SECURITY".encode())
