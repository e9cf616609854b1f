"""Reads of which each may be answered by a replica, and by the primary when that cannot.

why the replica does not answer             what happens
it lacks the caller's own changes           the primary answers (reason `behind`)
it cancels the query to go on replaying     the primary answers, or the replica a little later,
                                            by the purpose's policy (`conflict`)
the connection broke, or none became free   the primary answers (`lost`, `busy`)
it fails otherwise                          the primary answers (`failed`)
it refuses the caller (401, 403, 404, 409)  the primary decides: the replica may not know yet that
                                            the caller has been let in (`refused`)

A purpose that may not use the primary gives Unavailable instead, except for the last: there the
primary is asked who the caller is, and nothing else.
"""

import time
from dataclasses import dataclass

from psycopg import Cursor

from howdah.foundation.database.failures import (
    ConnectionLost,
    NoConnection,
    NotReplayed,
    Rolledback,
    StaleIdentity,
)
from howdah.foundation.database.messages import Observe
from howdah.foundation.database.pools import Pool
from howdah.foundation.database.positions import Position
from howdah.foundation.database.readers import AwaitingReader, LeadingReader, Reader, Reads
from howdah.foundation.database.statements import Binding, Parameters, Row, Statement
from howdah.foundation.errors import (
    Forbidden,
    HowdahError,
    NotFound,
    Unauthenticated,
    Unavailable,
)
from howdah.foundation.metrics import REPLICA_FALLBACKS

REASONS: dict[type[HowdahError], str] = {
    NotReplayed: "behind",
    Rolledback: "conflict",
    ConnectionLost: "lost",
    NoConnection: "busy",
    Unauthenticated: "refused",
    Forbidden: "refused",
    NotFound: "refused",
    StaleIdentity: "refused",
    Unavailable: "busy",  # out of connections, or a lock that replaying holds
    HowdahError: "failed",  # an error the primary may not make, e.g. a function it has already
}
WHO = Statement("who", "SELECT howdah.current_user_id() AS user_id")
PATIENCE_SECONDS = {"analytics": (0.1, 0.5, 1.0)}
"""Pauses after which a replica that cancelled a query is asked again, for queries whose work the
primary should be spared."""


@dataclass(frozen=True, slots=True)
class Route:
    """Where the reads of one purpose go."""

    purpose: str
    replicas: Pool
    primary: Pool
    falls_back: bool
    """Whether the primary may do the purpose's work."""
    wait_seconds: float
    """How long a replica is given to replay what the caller has written."""
    observe: Observe
    observe_primary: Observe

    @property
    def patience_seconds(self) -> tuple[float, ...]:
        """Pauses before a cancelled query is sent to the replica again."""
        return PATIENCE_SECONDS.get(self.purpose, ())


class ReplicaReader(Reads):
    """Reads that a replica answers while it can; from the first that it cannot, the primary."""

    def __init__(self, route: Route, binding: Binding, position: Position | None):
        self.identity = {}
        self._route = route
        self._binding = binding
        self._position = position
        self._primary: Reader | None = None
        if position is None:
            self._replica = Reader(route.replicas, binding, route.observe)
        else:
            self._replica = AwaitingReader(
                route.replicas, binding, route.observe, position, route.wait_seconds
            )

    @property
    def may_be_behind(self) -> bool:
        return self._primary is None

    def ask_the_primary(self, reason: str) -> None:
        """From now on. Raises Unavailable when the purpose's policy forbids it."""
        route, position = self._route, self._position
        REPLICA_FALLBACKS.labels(route.purpose, reason).inc()
        reader = Reader(route.primary, self._binding, route.observe_primary)
        if not route.falls_back:
            if reason == "refused":
                reader.value(WHO)
            raise Unavailable(f"No replica for {route.purpose} can answer this right now.")
        if position is not None:
            reader = LeadingReader(route.primary, self._binding, route.observe_primary, position)
        self._primary = reader

    def ask(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        if self._primary is None:
            try:
                return self._ask_replica(statement, parameters)
            except HowdahError as failure:
                reason = REASONS.get(type(failure))
                if reason is None:
                    raise
                if isinstance(failure, ConnectionLost):
                    self._route.replicas.shed(failure)
                self.ask_the_primary(reason)
        assert self._primary is not None
        cursor = self._primary.ask(statement, parameters)
        self.identity = self._primary.identity
        return cursor

    def _ask_replica(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        """With patience, if that is the policy, while it cancels the query to go on replaying."""
        # A lost read goes to the primary at once if it may, instead of to the replica again.
        ask = self._replica.send if self._route.falls_back else self._replica.ask
        for pause_seconds in self._route.patience_seconds:
            try:
                cursor = ask(statement, parameters)
                break
            except Rolledback:
                time.sleep(pause_seconds)
        else:
            cursor = ask(statement, parameters)
        self.identity = self._replica.identity
        return cursor
