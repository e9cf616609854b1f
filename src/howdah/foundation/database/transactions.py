"""Sending messages: each is one round trip, and one transaction unless BEGIN was sent before."""

import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Protocol

import psycopg
from psycopg import Connection, Cursor, pq
from psycopg_pool import ConnectionPool

from howdah.foundation.database.failures import ConnectionLost, translated
from howdah.foundation.database.statements import Binding, Identity, Parameters, Row, Statement

Observe = Callable[[str, float], None]
"""Told each statement's name and duration in seconds."""


class Queries(Protocol):
    """What product code asks of the database; a Reader and a Transaction both answer."""

    @property
    def identity(self) -> Identity:
        """Who the last message was bound to: the row of its binding."""

    def all(self, statement: Statement, parameters: Parameters = ()) -> list[Row]:
        """Every row."""

    def one(self, statement: Statement, parameters: Parameters = ()) -> Row | None:
        """The first row, or None."""

    def value(self, statement: Statement, parameters: Parameters = ()) -> Any:
        """The first column of the first row, or None."""


class _Answers(ABC):
    """The three ways of reading an answer, over one way of asking."""

    identity: Identity

    @abstractmethod
    def _ask(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        """Send it; the cursor stands on the statement's result."""

    def all(self, statement: Statement, parameters: Parameters = ()) -> list[Row]:
        return self._ask(statement, parameters).fetchall()

    def one(self, statement: Statement, parameters: Parameters = ()) -> Row | None:
        return self._ask(statement, parameters).fetchone()

    def value(self, statement: Statement, parameters: Parameters = ()) -> Any:
        row = self.one(statement, parameters)
        return next(iter(row.values())) if row else None


class Reader(_Answers):
    """Reads that stand alone: one round trip each, `binding; statement` in one message.

    The message is one implicit transaction. A read lost with its connection is sent once more on
    another: it changes nothing, so sending it twice is harmless.
    """

    def __init__(self, pool: ConnectionPool[Connection[Row]], binding: Binding, observe: Observe):
        self.identity = {}
        self._pool = pool
        self._binding = binding
        self._observe = observe

    def _ask(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        try:
            return self._send(statement, parameters)
        except ConnectionLost:
            return self._send(statement, parameters)

    def _send(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        binding = self._binding
        # Not `with pool.connection()`: its commit on the way out is one more pass through psycopg,
        # for nothing, as the message was a transaction of its own.
        connection = self._pool.getconn()
        try:
            cursor = send(
                connection,
                f"{binding.text};{statement.text}",
                (*binding.parameters, *parameters),
                statement.name,
                self._observe,
            )
            self.identity = cursor.fetchone() or {}
            cursor.nextset()
            return cursor
        finally:
            self._pool.putconn(connection)


class Transaction(_Answers):
    """Several statements that happen together or not at all.

    Round trips: one for each statement, and one for COMMIT. BEGIN and the binding ride in the
    first statement's message, so a transaction that never asks anything costs none.
    """

    def __init__(self, connection: Connection[Row], binding: Binding, observe: Observe):
        self.identity = {}
        self._connection = connection
        self._binding = binding
        self._observe = observe
        self._begun = False
        self._after_begin: list[tuple[str, Parameters]] = []
        self._before_commit: list[tuple[str, Parameters]] = []

    def execute(self, statement: Statement, parameters: Parameters = ()) -> int:
        """Run it for its effect. Returns the number of rows it changed."""
        return self._ask(statement, parameters).rowcount

    def with_begin(self, statement: Statement, parameters: Parameters = ()) -> None:
        """Run it between the binding and the first statement, in their message."""
        self._after_begin.append((statement.text, parameters))

    def with_commit(self, statement: Statement, parameters: Parameters = ()) -> None:
        """Run it in the same message as COMMIT: no round trip of its own, and no answer."""
        self._before_commit.append((statement.text, parameters))

    def _ask(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        if self._begun:
            return send(self._connection, statement.text, parameters, statement.name, self._observe)
        self._begun = True
        parts = [
            (self._binding.text, self._binding.parameters),
            *self._after_begin,
            (statement.text, parameters),
        ]
        cursor = send(
            self._connection,
            ";".join(["BEGIN", *(text for text, _ in parts)]),
            [value for _, values in parts for value in values],
            statement.name,
            self._observe,
        )
        cursor.nextset()
        self.identity = cursor.fetchone() or {}
        for _ in parts[1:]:
            cursor.nextset()
        return cursor

    def commit(self) -> None:
        """End it. Raises ConnectionLost when nobody can say whether it happened."""
        if not self._begun:
            return
        texts = [text for text, _ in self._before_commit]
        parameters = [value for _, values in self._before_commit for value in values]
        send(self._connection, ";".join([*texts, "COMMIT"]), parameters, "commit", self._observe)

    def rollback(self) -> None:
        """Undo it; a connection that cannot even do that is closed."""
        status = self._connection.pgconn.transaction_status
        if status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR):
            send(self._connection, "ROLLBACK", (), "rollback", self._observe)


def send(
    connection: Connection[Row],
    text: str,
    parameters: Parameters,
    name: str,
    observe: Observe,
) -> Cursor[Row]:
    """One simple-protocol message, one round trip; the cursor stands on its first result.

    Raises one of ours. A connection that must not be used again is closed, so that the pool
    replaces it.
    """
    started = time.perf_counter()
    cursor = connection.cursor()
    try:
        # A literal by Statement's contract; psycopg's type asks for LiteralString.
        cursor.execute(text, parameters or None)
    except psycopg.Error as error:
        failure = translated(error)
        if isinstance(failure, ConnectionLost):
            connection.close()
        raise failure from error
    finally:
        observe(name, time.perf_counter() - started)
    return cursor
