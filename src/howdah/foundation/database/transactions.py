"""Several statements that happen together or not at all."""

from contextlib import suppress

from psycopg import Connection, Cursor, pq

from howdah.foundation.database import messages
from howdah.foundation.database.failures import ConnectionLost, OutcomeUnknown
from howdah.foundation.database.messages import Answers, Observe, identity_of, skip
from howdah.foundation.database.statements import Binding, Parameters, Row, Statement

POSITION = Statement("position", "SELECT howdah.position() AS position")
COMMIT = f"COMMIT;{POSITION.text}"


class Transaction(Answers):
    """Several statements that happen together or not at all.

    Round trips: one for each statement, and one for COMMIT. BEGIN and the binding ride in the
    first statement's message, so a transaction that never asks anything costs none.
    """

    def __init__(
        self,
        connection: Connection[Row],
        binding: Binding,
        observe: Observe,
        message_seconds: float,
    ):
        self.identity = {}
        self.position: str | None = None
        """Once committed, a Position as text: who has replayed it has all of the transaction."""
        self._connection = connection
        self._binding = binding
        self._observe = observe
        self._message_seconds = message_seconds
        self._begun = False
        self._after_begin: list[tuple[str, Parameters]] = []
        self._before_commit: list[tuple[str, Parameters]] = []

    def execute(self, statement: Statement, parameters: Parameters = ()) -> int:
        """Run it for its effect. Returns the number of rows it changed."""
        return self.ask(statement, parameters).rowcount

    def with_begin(self, statement: Statement, parameters: Parameters = ()) -> None:
        """Run it between the binding and the first statement, in their message."""
        self._after_begin.append((statement.text, parameters))

    def with_commit(self, statement: Statement, parameters: Parameters = ()) -> None:
        """Run it in the same message as COMMIT: no round trip of its own, and no answer."""
        self._before_commit.append((statement.text, parameters))

    def expect_seconds(self, seconds: float) -> None:
        """Wait that much longer for each answer before the connection is given up."""
        self._message_seconds += seconds

    def ask(self, statement: Statement, parameters: Parameters) -> Cursor[Row]:
        if self._begun:
            return self._send(statement.text, parameters, statement.name)
        self._begun = True
        parts = [
            (self._binding.text, self._binding.parameters),
            *self._after_begin,
            (statement.text, parameters),
        ]
        cursor = self._send(
            ";".join(["BEGIN", *(text for text, _ in parts)]),
            [value for _, values in parts for value in values],
            statement.name,
        )
        self.identity = identity_of(skip(cursor, 1))
        return skip(cursor, len(parts) - 1)

    def commit(self) -> None:
        """End it. Raises OutcomeUnknown when nobody can say whether it happened."""
        if not self._begun:
            return
        texts = [text for text, _ in self._before_commit]
        parameters = [value for _, values in self._before_commit for value in values]
        try:
            cursor = self._send(";".join([*texts, COMMIT]), parameters, "commit")
            self.position = identity_of(skip(cursor, len(texts) + 1)).get("position")
        except ConnectionLost as failure:
            raise OutcomeUnknown(**failure.details) from failure

    def rollback(self) -> None:
        """Undo it; a connection that cannot even do that is closed."""
        status = self._connection.pgconn.transaction_status
        if status in (pq.TransactionStatus.INTRANS, pq.TransactionStatus.INERROR):
            with suppress(ConnectionLost):  # then it is undone, too, and the first error matters
                self._send("ROLLBACK", (), "rollback")

    def _send(self, text: str, parameters: Parameters, name: str) -> Cursor[Row]:
        return messages.send(
            self._connection, text, parameters, name, self._observe, self._message_seconds
        )
