"""What row-level security costs the statements of the API."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg import ClientCursor

from benchmarks.data.access import Tenant, largest_tenant
from benchmarks.data.words import word_near
from benchmarks.measure.report import TIMES, Promise, Report
from benchmarks.measure.rounds import measure
from benchmarks.measure.statements import SESSION, Connection, Work, statement_cost
from benchmarks.workspace import Workspace
from howdah.entrypoints.web.calls import AUTHORIZE
from howdah.product.documents.reading import GET, NEWEST

SUMMARY = "row-level security on against off: get, list and search"
NEEDS = ("postgresql",)

SEARCH = "SELECT * FROM howdah.search_documents(%s, 10)"
PLAIN_SEARCH = """
SELECT id, title, ts_rank(search_vector, query) AS rank
FROM documents, websearch_to_tsquery('english', %s) query
WHERE org_id = %s::integer AND search_vector @@ query
ORDER BY rank DESC
LIMIT 10
"""
_PAGE = (None, None, 21)  # from the beginning, 20 and one to know whether there are more
# A turn needs the new catalog state to be in the backend's caches before it counts.
_WARMING = 5


@dataclass(frozen=True)
class Compared:
    """A statement with row-level security, and the plainest one that would do without."""

    name: str
    on: str
    off: str
    parameters: tuple[Any, ...]
    used: bool = True


def run(workspace: Workspace) -> Report:
    """Each statement as the API sends it, in one message with the caller's authorization."""
    with (
        workspace.connect() as owner,
        workspace.connect("app_write", parameters=SESSION) as application,
    ):
        application.cursor_factory = ClientCursor
        tenant = largest_tenant(owner, workspace.folder / "tokens", workspace.scale)
        try:
            found = [
                (statement, _compare(workspace, owner, application, tenant, statement))
                for statement in _statements(owner, tenant)
            ]
        finally:
            _switch(owner, on=True)
    return Report(
        name="rls",
        title=f"Row-level security, {workspace.scale.documents:,} documents",
        columns=(
            "statement",
            "on, CPU ms",
            "off, CPU ms",
            "ratio",
            "alone, on",
            "alone, off",
            "ratio alone",
        ),
        rows=[row for _, row in found],
        promises=[
            Promise(
                f"{statement.name}: on against off",
                row[3],
                1.1,
                unit=TIMES,
                judged=workspace.scale.full,
            )
            for statement, row in found
            if statement.used
        ],
        notes=[
            "Off: `ALTER TABLE documents DISABLE ROW LEVEL SECURITY` between turns.",
            "Judged: the message that the API sends, `howdah.authorize` and the statement. Alone: "
            "bound by `howdah.bind`, as jobs are, without checking credentials.",
            "Search is one function either way: it filters by the tenant itself, because `@@` may "
            "not use an index below a policy. The last row is what a plain query would cost.",
        ],
    )


def _statements(connection: Connection, tenant: Tenant) -> list[Compared]:
    newest = connection.execute(
        "SELECT max(id) FROM documents WHERE org_id = %s AND deleted_at IS NULL", (tenant.org_id,)
    ).fetchone()
    document = newest[0] if newest else 0
    common, rare = word_near(connection, 0.44).text, word_near(connection, 0.001).text
    return [
        Compared("get", GET.text, GET.text, (tenant.org_id, document)),
        Compared("list 20", NEWEST.text, NEWEST.text, (tenant.org_id, *_PAGE)),
        Compared("search, common word", SEARCH, SEARCH, (common,)),
        Compared("search, rare word", SEARCH, SEARCH, (rare,)),
        Compared(
            "search as a plain query, rare word (not used)",
            PLAIN_SEARCH,
            PLAIN_SEARCH,
            (rare, tenant.org_id),
            used=False,
        ),
    ]


def _compare(
    workspace: Workspace,
    owner: Connection,
    application: Connection,
    tenant: Tenant,
    statement: Compared,
) -> tuple[Any, ...]:
    workspace.say(f"rls: {statement.name}")
    authorized = (AUTHORIZE, (tenant.token_hash, "read", tenant.slug, tenant.org_id, "viewer"))
    trusted = ("SELECT howdah.bind(%s::integer, NULL)", (tenant.org_id,))
    subjects = {}
    for binding_name, (binding, bound) in {"sent": authorized, "alone": trusted}.items():
        for state, text in {"on": statement.on, "off": statement.off}.items():
            work = _message(application, f"{binding};{text}", (*bound, *statement.parameters))
            cost = statement_cost(application, work)
            subjects[f"{binding_name} {state}"] = _switched(owner, state == "on", work, cost)
    rounds = measure(subjects, workspace.rounds)
    row: list[Any] = [statement.name]
    for name in ("sent", "alone"):
        on, off = f"{name} on", f"{name} off"
        row += [rounds.median(on) * 1000, rounds.median(off) * 1000, rounds.ratio(on, to=off)]
    return tuple(row)


def _message(connection: Connection, text: str, parameters: tuple[Any, ...]) -> Work:
    def send() -> None:
        cursor = connection.execute(text.encode(), parameters)
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
