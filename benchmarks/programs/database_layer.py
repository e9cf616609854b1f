"""How the application talks to the database: our one message against SQLAlchemy's ways."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.data.scale import FIRST_ORG_ID
from benchmarks.measure.cpu import cpu_of
from benchmarks.measure.report import Report
from benchmarks.measure.rounds import measure
from benchmarks.measure.services import database_processes
from benchmarks.programs.database_layer_client import VARIANTS
from benchmarks.workspace import Workspace
from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import CHECKOUT

SUMMARY = "the database layer: psycopg_pool and one message against SQLAlchemy"
NEEDS = ("postgresql", "pgbouncer")
REPETITIONS = 3_000


def run(workspace: Workspace) -> Report:
    """CPU of one document read through PgBouncer: client, PgBouncer and PostgreSQL together."""
    with workspace.connect() as connection:
        document = connection.execute(
            "SELECT max(id) FROM documents WHERE org_id = %s AND deleted_at IS NULL",
            (FIRST_ORG_ID,),
        ).fetchone()
    assert document is not None
    services = [pid for pids in database_processes(workspace).values() for pid in pids]
    with _client(workspace, document[0]) as client:
        subjects = {name: _turn(client, name, services) for name in VARIANTS}
        rounds = measure(subjects, workspace.rounds)
    first = next(iter(VARIANTS))
    rows: list[tuple[Any, ...]] = [
        (variant.title, variant.trips, rounds.median(name) * 1e6, rounds.ratio(name, to=first))
        for name, variant in VARIANTS.items()
    ]
    return Report(
        name="database-layer",
        title="The database layer: one document read through PgBouncer",
        columns=("way", "round trips", "CPU µs", "ratio"),
        rows=rows,
        notes=[
            "CPU of the client process, PgBouncer and PostgreSQL together, one client, "
            f"{REPETITIONS:,} reads a turn.",
            "Those marked “no tenant” read without binding a tenant, which autocommit cannot do "
            "in a message of its own: they are a limit, not an alternative.",
        ],
    )


@contextmanager
def _client(workspace: Workspace, document: int) -> "Iterator[subprocess.Popen[str]]":
    """A process that has the product's packages and SQLAlchemy, told by line what to do."""
    environ = {**workspace.environ, "PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'src'}"}
    arguments = [str(FIRST_ORG_ID), str(document)]
    command = [str(workspace.python), "-m", "benchmarks.programs.database_layer_client", *arguments]
    with subprocess.Popen(
        command,
        cwd=CHECKOUT,
        env=environ,
        text=True,
        bufsize=1,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()


def _turn(client: "subprocess.Popen[str]", name: str, services: list[int]) -> Any:
    def work() -> None:
        assert client.stdin is not None
        assert client.stdout is not None
        client.stdin.write(f"{name} {REPETITIONS}\n")
        if client.stdout.readline().strip() != "done":
            raise CommandFailed(f"The client of the variant {name} ended early.")

    return lambda: cpu_of([client.pid, *services], work) / REPETITIONS
