"""Access to PostgreSQL through PgBouncer: a pool for each purpose, plain SQL, few round trips.

`Database.read` for reads that stand alone, `Database.write` for what must happen together.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from howdah.foundation.database.failures import (
    ConnectionLost,
    Rolledback,
    StaleIdentity,
)
from howdah.foundation.database.pools import Pool, open_pools
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
from howdah.foundation.database.transactions import Observe, Queries, Reader, Transaction
from howdah.foundation.errors import Unavailable
from howdah.foundation.metrics import QUERY_SECONDS
from howdah.foundation.settings import Settings

__all__ = [
    "NOBODY",
    "Binding",
    "ConnectionLost",
    "Database",
    "Identity",
    "Parameters",
    "Queries",
    "Reader",
    "Rolledback",
    "Row",
    "StaleIdentity",
    "Statement",
    "Transaction",
    "tenant",
    "user",
]


class Database:
    """The pools of one process.

    Purposes: `primary` (writes, and reads that must be current), `analytics`, `dashboards`, `any`.
    """

    def __init__(self, pools: Mapping[str, Pool]):
        self._pools = pools

    @classmethod
    def open(cls, settings: Settings, *, size: int, application_name: str) -> "Database":
        """Pools of at most `size` connections to each database. Connects when first used."""
        return cls(open_pools(settings, size, application_name))

    def close(self) -> None:
        """Close every connection."""
        for pool in set(self._pools.values()):
            pool.close()

    @contextmanager
    def read(self, binding: Binding, purpose: str = "primary") -> Iterator[Reader]:
        """Reads of which each stands alone.

        Round trips: 1 for each statement; the binding rides in the same message.
        """
        with _pool_failures():
            yield Reader(self._pools[purpose], binding, _observer(purpose))

    @contextmanager
    def write(self, binding: Binding) -> Iterator[Transaction]:
        """One transaction on the primary, committed at the end, rolled back on any error.

        Round trips: 1 for each statement and 1 for COMMIT; BEGIN and the binding ride in the
        first. Raises Rolledback when it may simply be run again.
        """
        pool = self._pools["primary"]
        with _pool_failures():
            connection = pool.getconn()
            try:
                transaction = Transaction(connection, binding, _observer("primary"))
                try:
                    yield transaction
                    transaction.commit()
                except BaseException:
                    if not connection.closed:
                        transaction.rollback()
                    raise
            finally:
                pool.putconn(connection)


def _observer(purpose: str) -> Observe:
    return QUERY_SECONDS[purpose]


@contextmanager
def _pool_failures() -> Iterator[None]:
    try:
        yield
    except (PoolTimeout, TooManyRequests, PoolClosed) as failure:
        raise Unavailable("No database connection became free in time.") from failure
