"""PgBouncer's admin console: pools, and holding clients back while something is moved.

PAUSE waits until running transactions are done and lets no new one begin; clients notice nothing
but a longer wait. It lasts until RESUME, whoever is gone by then.
"""

import select
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

from howdah.foundation.errors import CommandFailed, Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.cluster.views import PoolView

CONNECT_TIMEOUT_SECONDS = 3
ADMIN = "pgbouncer_admin"
Row = dict[str, Any]


class PoolerAway(Unavailable):
    """PgBouncer does not answer."""


class PauseTimedOut(CommandFailed):
    """Transactions went on longer than clients should be held back for them."""


class Console:
    """An open connection to PgBouncer's admin console."""

    def __init__(self, connection: psycopg.Connection[Row]):
        self._connection = connection

    def pools(self) -> tuple[PoolView, ...]:
        """Every database of the topology, its users' pools together. Raises PoolerAway."""
        try:
            databases = self._connection.execute("SHOW DATABASES").fetchall()
            pools = self._connection.execute("SHOW POOLS").fetchall()
        except psycopg.Error as failure:
            raise PoolerAway(f"PgBouncer does not answer: {failure}") from failure
        return tuple(
            _pool_view(row, [pool for pool in pools if pool["database"] == row["name"]])
            for row in databases
            if row["name"] != "pgbouncer"
        )

    def pause(self, database: str, patience_seconds: float) -> None:
        """Hold clients back; returns when no transaction runs any more.

        Raises PauseTimedOut after `patience_seconds`: the database is then still pausing, and
        RESUME must follow.
        """
        pgconn = self._connection.pgconn
        pause = sql.SQL("PAUSE {}").format(sql.Identifier(database))
        pgconn.send_query(pause.as_bytes(self._connection))
        deadline = time.monotonic() + patience_seconds
        while pgconn.is_busy():
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([pgconn.socket], [], [], left)[0]:
                raise PauseTimedOut
            pgconn.consume_input()
        while result := pgconn.get_result():
            if result.error_message:
                raise CommandFailed(f"PgBouncer: {result.error_message.decode().strip()}")

    def resume(self, database: str) -> None:
        """Let clients go on; harmless when nobody holds them back."""
        try:
            with _refusal_named("RESUME"):
                self._connection.execute(sql.SQL("RESUME {}").format(sql.Identifier(database)))
        except CommandFailed as refusal:
            if "is not paused" not in refusal.message:
                raise

    def reconnect(self, database: str) -> None:
        """Open new server connections; each old one is closed when its transaction is done."""
        with _refusal_named("RECONNECT"):
            self._connection.execute(sql.SQL("RECONNECT {}").format(sql.Identifier(database)))

    def reload(self) -> None:
        """Read the configuration and the certificates again."""
        with _refusal_named("RELOAD"):
            self._connection.execute("RELOAD")


@contextmanager
def _refusal_named(command: str) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as failure:
        raise CommandFailed(f"PgBouncer refuses {command}: {failure}") from failure


@contextmanager
def console(settings: Settings) -> Iterator[Console]:
    """The admin console, open. Raises PoolerAway."""
    pooler = settings.topology.pgbouncer
    security: dict[str, Any] = settings.transport_security
    try:
        connection = psycopg.connect(
            host=pooler.host,
            port=settings.topology.ports.pgbouncer,
            user=ADMIN,
            password=settings.secret(ADMIN),
            dbname="pgbouncer",
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            autocommit=True,
            prepare_threshold=None,
            cursor_factory=psycopg.ClientCursor,  # the console knows the simple protocol only
            row_factory=dict_row,
            **security,
        )
    except psycopg.OperationalError as failure:
        raise PoolerAway(
            f"PgBouncer does not answer: {str(failure).strip().splitlines()[-1]}",
            hint="`howdah status` shows whether it runs; `howdah up` starts it",
        ) from failure
    try:
        yield Console(connection)
    finally:
        connection.close()


def pool_views(settings: Settings) -> tuple[PoolView, ...]:
    """Every database of the pooler. Raises PoolerAway."""
    with console(settings) as admin:
        return admin.pools()


def _pool_view(database: Mapping[str, Any], pools: list[Row]) -> PoolView:
    waits = [int(pool["maxwait"]) + int(pool["maxwait_us"]) / 1e6 for pool in pools]
    return PoolView(
        database=database["name"],
        clients_active=sum(int(pool["cl_active"]) for pool in pools),
        clients_waiting=sum(int(pool["cl_waiting"]) for pool in pools),
        longest_wait_seconds=max(waits, default=0.0),
        server_connections=int(database["current_connections"]),
        server_limit=int(database["max_connections"]),
        paused=str(database["paused"]) == "1",
    )
