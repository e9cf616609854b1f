"""Reads that stand alone: `binding; statement` in one message, each a transaction of its own."""

import time
from types import TracebackType
from typing import Self

from psycopg import Cursor

from howdah.foundation.database import messages
from howdah.foundation.database.failures import ConnectionLost, NotReplayed
from howdah.foundation.database.messages import Answers, Observe, identity_of, skip
from howdah.foundation.database.pools import Pool
from howdah.foundation.database.positions import Position
from howdah.foundation.database.statements import Binding, Parameters, Row, Statement

AWAIT = "SELECT howdah.await_position(%s::integer, %s::pg_lsn, %s::integer)"
PAUSES_BEFORE_TRUST_SECONDS = (0.0, 0.05, 0.1, 0.2)


class Reads(Answers):
    """What `with database.read(…)` gives; there is nothing to begin or to end."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave every connection where it is: in the pool."""

    @property
    def may_be_behind(self) -> bool:
        """Whether a replica answered, so that what was not found may be there all the same."""
        return False

    def ask_the_primary(self, reason: str) -> None:
        """From now on, the primary is to answer; `reason` is counted."""


class Reader(Reads):
    """Reads of which each stands alone: one round trip each.

    A read lost with its connection is sent once more on another: it changes nothing, so sending
    it twice is harmless.
    """

    def __init__(self, pool: Pool, binding: Binding, observe: Observe):
        self.identity = {}
        self._pool = pool
        self._binding = binding
        self._observe = observe

    def ask(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        try:
            return self.send(statement, parameters)
        except ConnectionLost as failure:
            self._pool.shed(failure)
            return self.send(statement, parameters)

    def send(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        """Ask once. Raises ConnectionLost."""
        binding, pool = self._binding, self._pool
        # Not `with pool.connection()`: its commit on the way out is one more pass through psycopg,
        # for nothing, as the message was a transaction of its own.
        connection = pool.getconn()
        try:
            cursor = messages.send(
                connection,
                f"{binding.text};{statement.text}",
                (*binding.parameters, *parameters),
                statement.name,
                self._observe,
                pool.message_seconds,
            )
            self.identity = identity_of(cursor)
            return skip(cursor, 1)
        finally:
            pool.putconn(connection)


class AwaitingReader(Reader):
    """A Reader of a server that may be behind: it first has it replay up to a position.

    Each statement of the message takes its snapshot when it begins (READ COMMITTED), so the
    binding and the read, which come after the wait, see what it waited for. Raises NotReplayed
    when the server has not got there in `wait_seconds`. Round trips: as Reader.
    """

    def __init__(
        self,
        pool: Pool,
        binding: Binding,
        observe: Observe,
        position: Position,
        wait_seconds: float,
    ):
        super().__init__(pool, binding, observe)
        self._awaited = (position.timeline, position.lsn_text, round(wait_seconds * 1000))

    def send(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        binding, pool = self._binding, self._pool
        connection = pool.getconn()
        try:
            cursor = messages.send(
                connection,
                f"{AWAIT};{binding.text};{statement.text}",
                (*self._awaited, *binding.parameters, *parameters),
                statement.name,
                self._observe,
                pool.message_seconds,
            )
            self.identity = identity_of(skip(cursor, 1))
            return skip(cursor, 1)
        finally:
            pool.putconn(connection)


class LeadingReader(AwaitingReader):
    """A Reader of the primary, which need not wait; but a former primary must not answer.

    A server that still takes itself for the primary after another was promoted is on an earlier
    timeline than the position. It is asked again for a moment, until connections lead to the new
    one. A timeline that nobody has reached (a token of another installation, or of a time before
    a restore) must not lock its bearer out: after that moment the primary's word is taken.
    """

    def __init__(self, pool: Pool, binding: Binding, observe: Observe, position: Position):
        super().__init__(pool, binding, observe, position, 0.0)

    def ask(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        for pause_seconds in PAUSES_BEFORE_TRUST_SECONDS:
            try:
                return super().ask(statement, parameters)
            except NotReplayed:
                time.sleep(pause_seconds)
        plain = Reader(self._pool, self._binding, self._observe)
        cursor = plain.ask(statement, parameters)
        self.identity = plain.identity
        return cursor
