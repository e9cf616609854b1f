"""Access to PostgreSQL through PgBouncer: a pool for each purpose, plain SQL, few round trips.

`Database.read` for reads that stand alone, `Database.write` for what must happen together.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import MappingProxyType

from howdah.foundation.database.deadlines import start_watch
from howdah.foundation.database.failures import (
    ConnectionLost,
    NoConnection,
    OutcomeUnknown,
    Rolledback,
    StaleIdentity,
)
from howdah.foundation.database.messages import Queries
from howdah.foundation.database.pools import Pool, open_pools
from howdah.foundation.database.positions import Position
from howdah.foundation.database.readers import LeadingReader, Reader, Reads
from howdah.foundation.database.replicas import ReplicaReader, Route
from howdah.foundation.database.statements import (
    NOBODY,
    Binding,
    Identity,
    Parameters,
    Row,
    Statement,
    tenant,
    user,
)
from howdah.foundation.database.transactions import Transaction
from howdah.foundation.metrics import QUERY_SECONDS
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology

__all__ = [
    "NOBODY",
    "Binding",
    "ConnectionLost",
    "Database",
    "Identity",
    "NoConnection",
    "OutcomeUnknown",
    "Parameters",
    "Position",
    "Queries",
    "Reader",
    "Reads",
    "Rolledback",
    "Row",
    "StaleIdentity",
    "Statement",
    "Transaction",
    "tenant",
    "user",
]

NO_ROUTES: Mapping[str, Route] = MappingProxyType({})


class Database:
    """The pools of one process.

    Purposes: `primary` (writes, and reads that must be current), `analytics`, `dashboards`, `any`.
    """

    def __init__(self, pools: Mapping[str, Pool], routes: Mapping[str, Route] = NO_ROUTES):
        self._pools = pools
        self.routes = routes
        """Purpose → how its reads find a replica, for purposes that have one."""

    @classmethod
    def open(cls, settings: Settings, *, size: int, application_name: str) -> "Database":
        """Pools of at most `size` connections to each database. Connects when first used."""
        pools = open_pools(settings, size, application_name)
        start_watch()
        return cls(pools, _routes(settings.topology, pools))

    def close(self) -> None:
        """Close every connection."""
        for pool in set(self._pools.values()):
            pool.close()

    def read(
        self, binding: Binding, purpose: str = "primary", after: Position | None = None
    ) -> Reads:
        """Reads of which each stands alone.

        Round trips: 1 for each statement; the binding rides in the same message. With `after`, a
        position that a write returned, none of them misses that write. Where there are no
        replicas none can.
        """
        route = self.routes.get(purpose)
        if route is not None:
            return ReplicaReader(route, binding, after)
        if after is not None and self.routes:
            return LeadingReader(self._pools[purpose], binding, QUERY_SECONDS[purpose], after)
        return Reader(self._pools[purpose], binding, QUERY_SECONDS[purpose])

    @contextmanager
    def write(self, binding: Binding) -> Iterator[Transaction]:
        """One transaction on the primary, committed at the end, rolled back on any error.

        Round trips: 1 for each statement and 1 for COMMIT; BEGIN and the binding ride in the
        first. Raises Rolledback and ConnectionLost when nothing happened, so that it may simply be
        run again, and OutcomeUnknown when the connection was lost during COMMIT.
        """
        pool = self._pools["primary"]
        connection = pool.getconn()
        try:
            transaction = Transaction(
                connection, binding, QUERY_SECONDS["primary"], pool.message_seconds
            )
            try:
                yield transaction
                transaction.commit()
            except BaseException:
                if not connection.closed:
                    transaction.rollback()
                raise
        except (ConnectionLost, OutcomeUnknown) as failure:
            pool.shed(failure)
            raise
        finally:
            pool.putconn(connection)


def _routes(topology: Topology, pools: Mapping[str, Pool]) -> Mapping[str, Route]:
    primary = pools["primary"]
    return MappingProxyType(
        {
            purpose: Route(
                purpose=purpose,
                replicas=pool,
                primary=primary,
                falls_back=topology.cluster.falls_back(purpose),
                wait_seconds=topology.cluster.replica_wait_seconds,
                observe=QUERY_SECONDS[purpose],
                observe_primary=QUERY_SECONDS["primary"],
            )
            for purpose, pool in pools.items()
            if pool is not primary
        }
    )
