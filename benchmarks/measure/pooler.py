"""What PgBouncer counts, from its own console: round trips and connections."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg.rows import DictRow, dict_row

from benchmarks.workspace import Workspace
from howdah.foundation.rendering.pgbouncer import ADMIN_USER

Console = psycopg.Connection[DictRow]


@contextmanager
def console(workspace: Workspace) -> Iterator[Console]:
    """PgBouncer's administration console; it speaks the simple protocol only."""
    topology = workspace.settings.topology
    with psycopg.connect(
        host=topology.pgbouncer.host,
        port=topology.ports.pgbouncer,
        user=ADMIN_USER,
        password=workspace.settings.secret(ADMIN_USER),
        dbname="pgbouncer",
        autocommit=True,
        prepare_threshold=None,
        row_factory=dict_row,
        cursor_factory=psycopg.ClientCursor,
    ) as connection:
        yield connection


def round_trips(connection: Console, database: str) -> int:
    """Messages that clients sent to this database and that were answered, since the start."""
    for row in connection.execute("SHOW STATS"):
        if row["database"] == database:
            return int(row["total_query_count"])
    return 0


def server_connections(connection: Console, database: str) -> int:
    """Connections to PostgreSQL that are open for this database now, used or not."""
    states = ("sv_active", "sv_idle", "sv_used", "sv_tested", "sv_login")
    return sum(
        int(row[state])
        for row in connection.execute("SHOW POOLS")
        if row["database"] == database
        for state in states
    )
