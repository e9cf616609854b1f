"""Sending messages: each is one round trip, and one transaction unless BEGIN was sent before."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

import psycopg
from psycopg import Connection, Cursor
from psycopg.pq import TransactionStatus

from howdah.foundation.database.deadlines import UNDER_WAY, answered
from howdah.foundation.database.failures import ConnectionLost, translated
from howdah.foundation.database.statements import Identity, Parameters, Row, Statement
from howdah.foundation.errors import HowdahError

BROKEN = TransactionStatus.UNKNOWN
Observe = Callable[[str, float], None]
"""Told each statement's name and duration in seconds."""


class Queries(Protocol):
    """What product code asks of the database; readers and a Transaction answer."""

    @property
    def identity(self) -> Identity:
        """Who the last message was bound to: the row of its binding."""

    def all(self, statement: Statement, parameters: Parameters = ()) -> list[Row]:
        """Every row."""

    def one(self, statement: Statement, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""

    def value(self, statement: Statement, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or None."""


class Answers(ABC):
    """The three ways of reading an answer, over one way of asking."""

    identity: Identity

    @abstractmethod
    def ask(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        """Send it; the cursor stands on the statement's result."""

    def all(self, statement: Statement, parameters: Parameters = ()) -> list[Row]:
        return self.ask(statement, parameters).fetchall()

    def one(self, statement: Statement, parameters: Parameters = ()) -> Row | None:
        return self.ask(statement, parameters).fetchone()

    def value(self, statement: Statement, parameters: Parameters = ()) -> Any:
        row = self.one(statement, parameters)
        return next(iter(row.values())) if row else None


def send(  # noqa: PLR0913, PLR0917  (called for every message: keywords cost)
    connection: Connection[Row],
    text: str,
    parameters: Parameters,
    name: str,
    observe: Observe,
    seconds: float,
) -> Cursor[Row]:
    """One simple-protocol message, one round trip; the cursor stands on its first result.

    Raises one of ours; ConnectionLost too when there is no answer in `seconds`. A connection that
    must not be used again is closed, so that the pool replaces it.
    """
    started = time.perf_counter()
    cursor = connection.cursor()
    UNDER_WAY[connection] = started + seconds
    try:
        try:
            # A literal by Statement's contract; psycopg's type asks for LiteralString.
            cursor.execute(text, parameters or None)
        finally:
            in_time = answered(connection)
    except psycopg.Error as error:
        raise _failure(connection, error, in_time) from error
    finally:
        observe(name, time.perf_counter() - started)
    if not in_time:  # answered in the moment it was given up: the answer holds, the socket is gone
        connection.close()
    return cursor


def identity_of(cursor: Cursor[Row]) -> Identity:
    """The row of the binding, on which the cursor stands. Raises ConnectionLost without one."""
    try:
        return cursor.fetchone() or {}
    except psycopg.ProgrammingError as failure:
        raise _cut_short(cursor) from failure


def skip(cursor: Cursor[Row], results: int) -> Cursor[Row]:
    """The cursor on a later result. Raises ConnectionLost when the answer has fewer."""
    for _ in range(results):
        if not cursor.nextset():
            raise _cut_short(cursor)
    return cursor


def _cut_short(cursor: Cursor[Row]) -> ConnectionLost:
    cursor.connection.close()
    return ConnectionLost("The database's answer was cut short.")


def _failure(connection: Connection[Row], error: psycopg.Error, in_time: bool) -> HowdahError:
    failure = translated(error)
    if not in_time:
        failure = ConnectionLost("The database did not answer in time.", overdue=True)
    elif not failure.retryable and connection.pgconn.transaction_status == BROKEN:
        failure = ConnectionLost()
    if isinstance(failure, ConnectionLost):
        connection.close()
    return failure
