"""Round trips to PostgreSQL of a request, as PgBouncer counts them."""

import json
import time
from collections.abc import Callable

import psycopg

from benchmarks.data.access import largest_tenant
from benchmarks.data.posts import TAG, remove_posts
from benchmarks.measure.http import Api
from benchmarks.measure.pooler import Console, console, round_trips
from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace
from howdah.foundation.errors import ProofFailed

SUMMARY = "round trips to PostgreSQL: GET one, list, search, POST"
NEEDS = ("postgresql", "pgbouncer", "redis", "api")

REQUESTS = 50
# PgBouncer adds a transaction to its counts when it ends, a moment after the answer.
_SETTLE_SECONDS = 0.3


def run(workspace: Workspace) -> Report:
    """Each request many times, one after the other, on an otherwise idle stack."""
    with workspace.connect() as connection:
        tenant = largest_tenant(connection, workspace.folder / "tokens", workspace.scale)
        newest = connection.execute(
            "SELECT max(id) FROM documents WHERE org_id = %s AND deleted_at IS NULL",
            (tenant.org_id,),
        ).fetchone()
    assert newest is not None
    api = Api(workspace.settings.topology.ports.api, tenant.token)
    place = f"/orgs/{tenant.slug}"
    new = json.dumps({"title": "Round trips", "content": "are counted", "tags": [TAG]}).encode()
    requests: dict[str, tuple[int, Callable[[], object]]] = {
        "GET one": (1, lambda: api.get(f"{place}/documents/{newest[0]}")),
        "list 20": (1, lambda: api.get(f"{place}/documents")),
        "search": (1, lambda: api.get(f"{place}/search?q=replication")),
        "POST": (2, lambda: api.ask("POST", f"{place}/documents", new)),
    }
    database = workspace.settings.topology.purposes["primary"]
    try:
        with console(workspace) as pooler:
            _check_the_counter(workspace, pooler, database)
            for _, request in requests.values():
                for _ in range(20):  # fills the processes' caches of organization ids
                    request()
            rows = [
                (name, limit, _trips(pooler, database, request))
                for name, (limit, request) in requests.items()
            ]
    finally:
        remove_posts(workspace)
    return Report(
        name="round-trips",
        title="Round trips to PostgreSQL of a request",
        columns=("request", "at most", "round trips"),
        rows=rows,
        promises=[Promise(f"round trips, {name}", trips, limit) for name, limit, trips in rows],
        notes=[
            f"From PgBouncer's SHOW STATS, {REQUESTS} requests each, authentication, membership "
            "and tenant included. The counter was checked first against messages of known number.",
            "The fewest of three counts: background processes of the stack ask now and then.",
        ],
    )


def _trips(pooler: Console, database: str, request: Callable[[], object]) -> float:
    counts = []
    for _ in range(3):
        time.sleep(_SETTLE_SECONDS)
        before = round_trips(pooler, database)
        for _ in range(REQUESTS):
            request()
        time.sleep(_SETTLE_SECONDS)
        counts.append((round_trips(pooler, database) - before) / REQUESTS)
    return min(counts)


def _check_the_counter(workspace: Workspace, pooler: Console, database: str) -> None:
    """Three statements in one message are one round trip; a transaction of three messages three.

    Raises ProofFailed when the counter says otherwise.
    """
    topology = workspace.settings.topology
    with psycopg.connect(
        host=topology.pgbouncer.host,
        port=topology.ports.pgbouncer,
        user="app_write",
        password=workspace.settings.secret("app_write"),
        dbname=database,
        autocommit=True,
        prepare_threshold=None,
        cursor_factory=psycopg.ClientCursor,
    ) as connection:
        for messages in (("SELECT 1; SELECT 2; SELECT 3",), ("BEGIN", "SELECT 1", "COMMIT")):
            found = _trips(pooler, database, lambda sent=messages: _send(connection, sent))
            if found != len(messages):
                raise ProofFailed(
                    f"PgBouncer counted {found} round trips for {len(messages)} messages."
                )


def _send(connection: psycopg.Connection[tuple[object, ...]], messages: tuple[str, ...]) -> None:
    for message in messages:
        connection.execute(message.encode())
