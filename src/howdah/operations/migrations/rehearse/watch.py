"""What each statement of a migration does to the copy, seen from beside it.

Locks held at the end of a statement are read in its own transaction and so are exact; those of a
statement that commits by itself are sampled from another session. WAL and rows come from
pg_stat_statements, which counts the runner's role apart from the load's.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from howdah.foundation.settings import Settings
from howdah.operations.migrations.files import Migration
from howdah.operations.migrations.rehearse.load import Load
from howdah.operations.migrations.rehearse.report import STRENGTH, LockReport, StatementReport
from howdah.operations.migrations.session import Session
from howdah.operations.migrations.statements import SqlStatement
from howdah.operations.roles.catalog import OWNER, SUPERUSER
from howdah.operations.roles.connect import Connection, connect_directly

SAMPLE_SECONDS = 0.005
LOCKS = """
    SELECT n.nspname || '.' || c.relname, mode
    FROM pg_locks JOIN pg_class AS c ON c.oid = relation
    JOIN pg_namespace AS n ON n.oid = relnamespace
    WHERE pid = %s AND granted AND locktype = 'relation' AND c.relkind IN ('r', 'p', 'm')
        AND n.nspname !~ '^(pg_|information_schema|migrations$)'
"""
FILES = """
    SELECT oid::regclass::text, relfilenode, greatest(reltuples, 0)::bigint FROM pg_class
    WHERE relkind IN ('r', 'm') AND relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
"""
FORGET = """
    SELECT pg_stat_statements_reset(
        OWNER_OID.oid, (SELECT oid FROM pg_database WHERE datname = current_database()), 0)
    FROM (SELECT oid FROM pg_roles WHERE rolname = %s) AS OWNER_OID
"""
COUNTED = """
    SELECT coalesce(sum(wal_bytes), 0)::bigint, coalesce(sum(rows), 0)::bigint
    FROM pg_stat_statements
    WHERE userid = (SELECT oid FROM pg_roles WHERE rolname = %s)
        AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@dataclass
class _Seen:
    """One statement while and after it runs; times are monotonic."""

    session: Session
    migration: Migration
    statement: SqlStatement
    direction: str
    attempt: int
    begun: float
    ended: float = 0.0
    gave_up: bool = False
    wal_bytes: int = 0
    rows: int = 0
    rewritten: dict[str, int] = field(default_factory=dict)
    locks: dict[str, str] = field(default_factory=dict)
    """Table → the strongest mode that it took."""


class Watcher:
    """Collects every statement that runs while it watches."""

    def __init__(self, target: Settings, load: Load):
        self._load = load
        self._side = connect_directly(target, SUPERUSER)
        self._sampling = connect_directly(target, SUPERUSER)
        self._seen: list[_Seen] = []
        self._pid = 0
        self._attempt = 0
        self._over = threading.Event()
        self._sampler: threading.Thread | None = None
        self.direction = "up"

    @contextmanager
    def __call__(
        self, session: Session, migration: Migration, statement: SqlStatement
    ) -> Iterator[None]:
        """Measure one statement."""
        self._sample(session.connection.info.backend_pid)
        before = _files(session.connection)
        self._side.execute(FORGET, (OWNER,))
        seen = _Seen(session, migration, statement, self.direction, self._attempt, time.monotonic())
        self._seen.append(seen)
        try:
            yield
        except psycopg.Error:  # perhaps a lock that was not to be had; then the runner tries again
            seen.ended, seen.gave_up = time.monotonic(), True
            self._attempt += 1
            raise
        seen.ended = time.monotonic()
        row = self._side.execute(COUNTED, (OWNER,)).fetchone()
        assert row is not None
        seen.wal_bytes, seen.rows = row
        after = _files(session.connection)
        seen.rewritten = {
            table: rows
            for table, (file, rows) in after.items()
            if table in before and before[table][0] != file
        }
        held = session.connection.execute(LOCKS, (session.connection.info.backend_pid,))
        for table, mode in held.fetchall():
            self._note(seen, table, mode)

    def close(self) -> None:
        """Stop looking."""
        self._over.set()
        if self._sampler:
            self._sampler.join()
        self._side.close()
        self._sampling.close()

    def reports(self) -> list[StatementReport]:
        """Everything seen, in the order it ran."""
        return [self._report(number, seen) for number, seen in enumerate(self._seen)]

    def _sample(self, pid: int) -> None:
        """One sampler at a time follows the runner's session."""
        if self._sampler and self._sampler.is_alive() and self._pid == pid:
            return
        self._over.set()
        if self._sampler:
            self._sampler.join()
        self._over, self._pid = threading.Event(), pid
        self._sampler = threading.Thread(target=self._look, args=(pid, self._over))
        self._sampler.start()

    def _look(self, pid: int, over: threading.Event) -> None:
        while not over.wait(SAMPLE_SECONDS):
            try:
                found = self._sampling.execute(LOCKS, (pid,)).fetchall()
            except psycopg.OperationalError:  # PostgreSQL is gone, which the runner will tell
                return
            current = self._seen[-1] if self._seen else None
            if current and not current.ended:
                for table, mode in found:
                    self._note(current, table, mode)

    def _note(self, seen: _Seen, table: str, mode: str) -> None:
        """The strongest mode, unless an earlier statement of this transaction has it already."""
        earlier = [one for one in self._seen if one is not seen and _together(one, seen)]
        if any(_strength(one.locks.get(table)) >= _strength(mode) for one in earlier):
            return
        if _strength(seen.locks.get(table)) < _strength(mode):
            seen.locks[table] = mode

    def _report(self, number: int, seen: _Seen) -> StatementReport:
        released = self._released(number, seen)
        meanwhile = self._load.between(seen.begun, seen.ended)
        slowest = max(meanwhile, key=lambda one: one.seconds, default=None)
        return StatementReport(
            migration=seen.migration.name,
            direction=seen.direction,
            line=seen.statement.line,
            statement=" ".join(seen.statement.text.split())[:100],
            seconds=seen.ended - seen.begun,
            locks=tuple(
                LockReport(table, mode, max(seen.ended, released) - seen.begun)
                for table, mode in sorted(seen.locks.items())
            ),
            rows=seen.rows,
            rewritten=seen.rewritten,
            wal_bytes=seen.wal_bytes,
            slowest_query=slowest.name if slowest else "",
            slowest_query_seconds=slowest.seconds if slowest else 0.0,
            failed_queries=sum(bool(one.failure) for one in meanwhile),
            gave_up=seen.gave_up,
        )

    def _released(self, number: int, seen: _Seen) -> float:
        """When the transaction ended: after its last statement."""
        later = [other for other in self._seen[number:] if _together(other, seen)]
        return later[-1].ended if later else seen.ended


def _strength(mode: str | None) -> int:
    return STRENGTH.index(mode) if mode else -1


def _together(one: _Seen, other: _Seen) -> bool:
    """Whether both ran in one transaction: of one attempt at one section, one way, one session."""
    return (
        one.session is other.session
        and one.attempt == other.attempt
        and one.migration.version == other.migration.version
        and one.direction == other.direction
        and one.migration.section("down" if one.direction == "down" else "up").in_transaction
    )


def _files(connection: Connection) -> dict[str, tuple[int, int]]:
    """Table → the file it is in, and its rows by PostgreSQL's estimate."""
    rows = connection.execute(FILES).fetchall()
    return {name: (file, estimated) for name, file, estimated in rows}
