"""Finding users by a preference: the jsonb_path_ops index against reading the table."""

from typing import Any

from psycopg import sql

from benchmarks.data.users import external_id
from benchmarks.measure.report import TIMES, Promise, Report
from benchmarks.measure.rounds import measure
from benchmarks.measure.statements import SESSION, Connection, discarded, statement_cost
from benchmarks.workspace import Workspace

SUMMARY = "users by metadata @>: the index against a sequential scan"
NEEDS = ("postgresql",)

JUDGED = "0.1 % of the users"
PREDICATES = (
    ("one user", f'{{"ext_id": "{external_id(4711)}"}}'),
    (JUDGED, '{"notifications": {"beta": true}}'),
    ("1 % of the users", '{"notifications": {"push": true}}'),
    ("two keys: 10 % and 20 %", '{"notifications": {"sms": true}, "plan": {"tier": "team"}}'),
    ("10 % of the users", '{"notifications": {"sms": true}}'),
    ("33 % of the users", '{"theme": "dark"}'),
    ("50 % of the users", '{"notifications": {"email": true}}'),
)
_INDEX_OFF = {"enable_bitmapscan": "off", "enable_indexscan": "off", "enable_indexonlyscan": "off"}


def run(workspace: Workspace) -> Report:
    """The architecture's query, with the planner free and with the index taken away."""
    with (
        workspace.connect(parameters=SESSION) as free,
        workspace.connect(parameters=SESSION | _INDEX_OFF) as scanning,
    ):
        rows = [_compare(workspace, free, scanning, *predicate) for predicate in PREDICATES]
    ratios = {row[0]: row[5] for row in rows}
    return Report(
        name="metadata",
        title=f"`metadata @>` on {workspace.scale.users:,} users",
        columns=("predicate", "rows", "plan", "CPU ms", "sequential scan CPU ms", "ratio"),
        rows=rows,
        promises=[
            Promise(
                f"sequential scan against `jsonb_path_ops`, {JUDGED}",
                ratios[JUDGED],
                66,
                at_least=True,
                unit=TIMES,
                judged=workspace.scale.full,
            )
        ],
        notes=[
            "`SELECT * FROM users WHERE metadata @> …`, all rows read and none sent. The planner "
            "is free in the first and may not use an index in the second."
        ],
    )


def _compare(
    workspace: Workspace, free: Connection, scanning: Connection, name: str, predicate: str
) -> tuple[Any, ...]:
    workspace.say(f"metadata: {name}")
    query = (
        sql.SQL("SELECT * FROM users WHERE metadata @> {}")
        .format(sql.Literal(predicate))
        .as_string(free)
    )
    counted = free.execute(f"SELECT count(*) FROM ({query}) AS q".encode()).fetchone()
    rounds = measure(
        {
            "free": statement_cost(free, discarded(free, query)),
            "scan": statement_cost(scanning, discarded(scanning, query)),
        },
        workspace.rounds,
    )
    return (
        name,
        counted[0] if counted else 0,
        _plan(free, query),
        rounds.median("free") * 1000,
        rounds.median("scan") * 1000,
        rounds.ratio("scan", to="free"),
    )


def _plan(connection: Connection, query: str) -> str:
    """ "index" or "sequential": what the planner chose."""
    text = "\n".join(line for (line,) in connection.execute(f"EXPLAIN {query}".encode()))
    return "index" if "idx_users_metadata_gin" in text else "sequential"
