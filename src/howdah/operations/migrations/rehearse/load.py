"""The application's kinds of queries, at a steady rate, against the copy.

As the application's role, with its tenant bound, each in a transaction of its own. What the schema
of the copy does not have yet is left out from the start; what fails later a migration has broken.
"""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType

import psycopg

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.migrations.rehearse.report import QueryReport
from howdah.operations.roles.catalog import SUPERUSER, WRITER
from howdah.operations.roles.connect import Connection, connect_directly

BIND = "SELECT set_config('app.org_id', %(org)s, true), set_config('app.user_id', %(user)s, true)"
SOMEBODY = """
    SELECT org_id::text, author_id::text, min(id), max(id) FROM documents
    WHERE org_id IS NOT NULL AND author_id IS NOT NULL
    GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1
"""
QUERIES: Mapping[str, str] = MappingProxyType(
    {
        "read a document": "SELECT id, title, content, tags, updated_at FROM documents "
        "WHERE org_id = %(org)s::integer AND id = %(id)s",
        "list the newest": "SELECT id, title, updated_at FROM documents "
        "WHERE org_id = %(org)s::integer ORDER BY updated_at DESC, id DESC LIMIT 20",
        "search": "SELECT id, title FROM documents WHERE org_id = %(org)s::integer "
        "AND search_vector @@ websearch_to_tsquery('english', 'database') LIMIT 20",
        "change a document": "UPDATE documents SET title = title || '' "
        "WHERE org_id = %(org)s::integer AND id = %(id)s",
        "write a document": "INSERT INTO documents (org_id, author_id, title, content) "
        "VALUES (%(org)s::integer, %(user)s::integer, 'Rehearsal', 'Written under load.')",
        "see who belongs": "SELECT u.id, u.full_name FROM memberships m JOIN users u "
        "ON u.id = m.user_id WHERE m.org_id = %(org)s::integer LIMIT 20",
        "see organizations": "SELECT id, name, slug FROM organizations LIMIT 20",
        "note a job": "INSERT INTO jobs (org_id, kind, created_by) "
        "VALUES (%(org)s::integer, 'export', %(user)s::integer)",
    }
)
RECONNECT_SECONDS = 0.5
WORKED_OUT_SECONDS = 30.0
"""After this a query is given up, as the application would."""
LIMITS = {"statement_timeout": "30s", "lock_timeout": "30s"}


@dataclass(frozen=True)
class Asked:
    """One query of the application: when it began (monotonic), how long it took, what it said."""

    name: str
    at: float
    seconds: float
    failure: str = ""


@dataclass
class Load:
    """Clients that run until told to stop, and what they saw."""

    target: Settings
    clients: int
    per_second: float
    queries: Mapping[str, str]
    who: Mapping[str, object]
    asked: list[Asked] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    def between(self, begun: float, ended: float) -> list[Asked]:
        """Everything that was under way at some moment of this time."""
        asked = list(self.asked)
        return [one for one in asked if one.at <= ended and one.at + one.seconds >= begun]

    def run(self, number: int) -> None:
        """One client: the next query at its moment, or at once when it is late."""
        names = list(self.queries)
        pause = self.clients / self.per_second
        due = time.monotonic() + pause * number / self.clients
        turn = number
        connection = connect_directly(self.target, WRITER, parameters=LIMITS)
        while not self._over.wait(max(0.0, due - time.monotonic())):
            due = max(due + pause, time.monotonic() - 1.0)
            name = names[turn % len(names)]
            asked = _ask(connection, name, self.queries[name], self._values(turn))
            self.asked.append(asked)
            turn += 1
            if connection.broken:
                try:
                    connection = connect_directly(self.target, WRITER, parameters=LIMITS)
                except Unavailable:  # counted by the next query, which fails at once
                    due += RECONNECT_SECONDS
        connection.close()

    def _values(self, turn: int) -> dict[str, object]:
        low, high = int(str(self.who["low"])), int(str(self.who["high"]))
        return {**self.who, "id": low + turn * 7919 % (high - low + 1)}

    def stop(self) -> None:
        """Let every client end after its query."""
        self._over.set()


@contextmanager
def under_load(target: Settings, clients: int, per_second: float) -> Iterator[Load]:
    """Run the load while the block runs. Without any document there is nobody to act for."""
    load = Load(target, clients, per_second, *_what_works(target))
    threads = [
        threading.Thread(target=load.run, args=(number,), name=f"load {number}")
        for number in range(clients if load.queries else 0)
    ]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.stop()
        for thread in threads:
            thread.join(timeout=WORKED_OUT_SECONDS * 2)


def summary(asked: Sequence[Asked]) -> tuple[QueryReport, ...]:
    """One line for each kind of query, in the order of QUERIES."""
    reports = []
    for name in QUERIES:
        mine = [one for one in asked if one.name == name]
        if mine:
            seconds = sorted(one.seconds for one in mine)
            p99 = seconds[min(len(seconds) - 1, int(len(seconds) * 0.99))]
            failed = sum(bool(one.failure) for one in mine)
            reports.append(QueryReport(name, len(mine), failed, seconds[-1], p99))
    return tuple(reports)


def _what_works(target: Settings) -> tuple[Mapping[str, str], Mapping[str, object]]:
    """The queries that this schema answers, and for whom they are asked."""
    try:
        with connect_directly(target, SUPERUSER) as connection:
            row = connection.execute(SOMEBODY).fetchone()
    except psycopg.errors.UndefinedTable:
        row = None
    if row is None:
        return {}, {}
    who = {"org": row[0], "user": row[1], "low": row[2], "high": row[3]}
    with connect_directly(target, WRITER) as connection:
        values = {**who, "id": who["low"]}
        asked = [_ask(connection, name, text, values, keep=False) for name, text in QUERIES.items()]
    return {one.name: QUERIES[one.name] for one in asked if not one.failure}, who


def _ask(
    connection: Connection, name: str, text: str, values: Mapping[str, object], *, keep: bool = True
) -> Asked:
    begun = time.monotonic()
    failure = ""
    try:
        with connection.transaction(force_rollback=not keep):
            connection.execute(BIND, values)
            connection.execute(text.encode(), values)
    except psycopg.Error as problem:
        failure = f"{name}: {problem.sqlstate or 'lost'}: {str(problem).splitlines()[0]}"
    return Asked(name, begun, time.monotonic() - begun, failure)
