"""Connection pools to PgBouncer, one for each purpose.

A pool's connections speak the simple protocol with parameters bound by the client (psycopg's
ClientCursor): several statements travel in one message, and nothing is prepared on the server,
which PgBouncer 1.18 in transaction mode could not follow.
"""

import select
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import orjson
from psycopg import ClientCursor, Connection
from psycopg.rows import dict_row
from psycopg.types.json import set_json_loads
from psycopg_pool import ConnectionPool, PoolClosed, PoolTimeout, TooManyRequests

from howdah.foundation.database.failures import NoConnection
from howdah.foundation.database.statements import Row
from howdah.foundation.errors import HowdahError
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology

CONNECT_TIMEOUT_SECONDS = 5
WAIT_FOR_CONNECTION_SECONDS = 5.0
WAIT_AFTER_VAIN_SECONDS = 0.25
LOOK_FOR_IDLE_SECONDS = 0.001
SLACK_SECONDS = 3.0
"""On top of every limit of PostgreSQL and PgBouncer, before a message counts as never answered."""


class Pool(ConnectionPool[Connection[Row]]):
    """A pool that does not let everybody wait while the pooler is away.

    Once somebody has waited in vain, others wait a moment only, until one gets a connection again:
    else a few requests would keep every thread of a server, and its health check with them.
    """

    _in_vain = False

    def __init__(self, message_seconds: float, **options: Any):
        self.message_seconds = message_seconds
        """Without an answer for so long, a connection is given up."""
        super().__init__(**options)

    def getconn(self, timeout: float | None = None) -> Connection[Row]:
        """A connection. Raises NoConnection."""
        try:
            connection = super().getconn(WAIT_AFTER_VAIN_SECONDS if self._in_vain else timeout)
        except PoolTimeout as failure:
            self._in_vain = True
            raise NoConnection() from failure
        except (TooManyRequests, PoolClosed) as failure:
            raise NoConnection() from failure
        self._in_vain = False
        return connection

    def shed(self, failure: HowdahError) -> None:
        """After a connection was lost: let go of others that lead nowhere, and ask none of them.

        When the other side went away, idle connections have its farewell waiting, unread. When it
        hangs they look well, so all are replaced.
        """
        if failure.details.get("overdue"):
            self.drain()
            return
        for _ in range(self.get_stats().get("pool_available", 0)):
            try:
                connection = super().getconn(LOOK_FOR_IDLE_SECONDS)
            except PoolTimeout:
                return
            if _has_something_unread(connection):
                connection.close()
            self.putconn(connection)


def _has_something_unread(connection: Connection[Row]) -> bool:
    look = select.poll()
    look.register(connection.pgconn.socket, select.POLLIN)
    return bool(look.poll(0))


def open_pools(settings: Settings, size: int, application_name: str) -> Mapping[str, Pool]:
    """A pool for each purpose; purposes that lead to the same database share one.

    Nothing is connected yet: a pool fills when it is first used, so that a process starts while
    the database is away, and says so when asked.
    """
    by_database: dict[str, Pool] = {}
    for database in settings.topology.purposes.values():
        if database not in by_database:
            by_database[database] = _pool(settings, database, size, application_name)
    return MappingProxyType(
        {purpose: by_database[database] for purpose, database in settings.topology.purposes.items()}
    )


def _pool(settings: Settings, database: str, size: int, application_name: str) -> Pool:
    pooler = settings.topology.pgbouncer
    return Pool(
        message_seconds=message_seconds(settings.topology),
        kwargs={
            **settings.transport_security,
            "host": pooler.host,
            "port": pooler.port,
            "dbname": database,
            "user": "app_write",
            "password": settings.secret("app_write"),
            "application_name": application_name,
            "connect_timeout": CONNECT_TIMEOUT_SECONDS,
            "autocommit": True,
            "prepare_threshold": None,
            "row_factory": dict_row,
            "cursor_factory": ClientCursor,
        },
        connection_class=Connection[Row],
        configure=_configure,
        min_size=1,
        max_size=size,
        timeout=WAIT_FOR_CONNECTION_SECONDS,
        max_idle=300,
        reconnect_timeout=5,
        name=database,
        open=True,
    )


def message_seconds(topology: Topology) -> float:
    """The longest that a message may take: waiting in PgBouncer, and then its statement."""
    statement_seconds = topology.postgresql.statement_timeout_seconds
    return statement_seconds + topology.pgbouncer.query_wait_timeout_seconds + SLACK_SECONDS


def _configure(connection: Connection[Row]) -> None:
    """Read json as it is written: integers beyond 64 bits, which orjson cannot write, as floats."""
    set_json_loads(orjson.loads, connection)
