"""The one session that changes the schema: as the owner, straight on PostgreSQL, one at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from howdah.foundation.errors import CommandFailed, Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.migrations.ledger import Ledger
from howdah.operations.migrations.operator import this_operator
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import Connection, connect_directly

Report = Callable[[str], None]
ADVISORY_KEY = 0x686F_7764_6168  # "howdah"
POLL_SECONDS = 0.25
MARK = "howdah migrate "
"""Begins the application name of a runner; the operator follows."""
NAME_ITSELF = "SELECT set_config('application_name', %s, false)"
IS_STANDBY = "SELECT pg_is_in_recovery()"
HOLDER = """
    SELECT application_name, to_char(backend_start, 'HH24:MI:SS TZ'), pid
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND (classid::bigint << 32) + objid::bigint = %s
        AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class MigrationsRefused(CommandFailed):
    """This database does not take migrations."""

    code = "migrations_refused"


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how often to try again. Times in seconds."""

    lock_timeout_seconds: float = 0.3
    """A statement that waits for a lock holds up everybody behind it; so it gives up soon."""
    attempts: int = 30
    first_pause_seconds: float = 0.25
    """Doubles with each attempt, up to the longest."""
    longest_pause_seconds: float = 5.0
    statement_timeout_seconds: float = 900.0
    """Of a statement in a transaction, where every lock it has taken is held for so long."""
    alone_timeout_seconds: float = 86_400.0
    """Of one outside a transaction: to build an index beside the writers takes hours."""
    other_runner_seconds: float = 600.0

    def pauses(self) -> Iterator[float]:
        """The pause after each attempt but the last."""
        pause = self.first_pause_seconds
        for _ in range(self.attempts - 1):
            yield min(pause, self.longest_pause_seconds)
            pause *= 2


@dataclass(frozen=True)
class Session:
    """The connection whose turn it is, the ledger, and how to behave."""

    connection: Connection
    ledger: Ledger
    patience: Patience
    report: Report
    title: str

    def renew(self) -> None:
        """Undo every SET: what one file sets must not reach the next."""
        self.connection.execute("RESET ALL")
        self.connection.execute(NAME_ITSELF, (self.title,))


@contextmanager
def migration_session(settings: Settings, patience: Patience, report: Report) -> Iterator[Session]:
    """A session that nobody else migrates beside, with the ledger in place.

    Raises Unavailable when PostgreSQL is away or another runner does not finish, and
    MigrationsRefused when it is a standby.
    """
    operator = this_operator()
    with connect_directly(settings, OWNER, parameters=_parameters(patience)) as connection:
        ledger = Ledger(connection, operator)
        session = Session(connection, ledger, patience, report, f"{MARK}{operator.name}"[:63])
        try:
            _refuse_standby(connection)
            session.renew()
            _wait_for_turn(connection, patience.other_runner_seconds, report)
            ledger.create()
        except psycopg.OperationalError as failure:
            raise Unavailable(
                f"PostgreSQL was lost before any migration ran: {str(failure).strip()}.",
                hint="Migrate again when it is back.",
            ) from failure
        yield session


def _parameters(patience: Patience) -> dict[str, str]:
    return {
        "lock_timeout": f"{round(patience.lock_timeout_seconds * 1000)}ms",
        "statement_timeout": f"{round(patience.statement_timeout_seconds * 1000)}ms",
        # A runner that hangs with its machine must not hold locks for ever.
        "idle_in_transaction_session_timeout": "60s",
        # A runner that was killed leaves its statement running; PostgreSQL looks whether it lives.
        "client_connection_check_interval": "2s",
    }


def _refuse_standby(connection: Connection) -> None:
    if connection.execute(IS_STANDBY).fetchone() == (True,):
        info = connection.info
        raise MigrationsRefused(
            f"PostgreSQL at {info.host}:{info.port} is a standby, which repeats what the primary "
            "does and takes no change of its own.",
            hint="Migrate on the primary; in a cluster `./howdah cluster status` says which it is.",
        )


def _wait_for_turn(connection: Connection, limit_seconds: float, report: Report) -> None:
    """Ask again and again instead of waiting in the database.

    A session that waits in pg_advisory_lock() holds a snapshot, and CREATE INDEX CONCURRENTLY
    in the other runner waits for every older snapshot to end: both would wait for ever.
    """
    deadline = time.monotonic() + limit_seconds
    told = False
    while not _take_turn(connection):
        if time.monotonic() >= deadline:
            raise Unavailable(
                f"Another migration has been running for {limit_seconds:.0f} s and more: "
                f"{_holder(connection)}.",
                hint="Wait for it to finish, or look for it in pg_stat_activity "
                f"under application names that begin with `{MARK.strip()}`.",
            )
        if not told:
            report(f"Another migration is running: {_holder(connection)}; waiting for it.")
            told = True
        time.sleep(POLL_SECONDS)


def _take_turn(connection: Connection) -> bool:
    """The lock belongs to the session: PostgreSQL gives it back when the runner ends or dies."""
    taken = connection.execute("SELECT pg_try_advisory_lock(%s)", (ADVISORY_KEY,)).fetchone()
    return taken == (True,)


def _holder(connection: Connection) -> str:
    """Who has the turn, since when, and as which process of PostgreSQL."""
    row = connection.execute(HOLDER, (ADVISORY_KEY,)).fetchone()
    if row is None:
        return "just now finished"
    name, since, pid = row
    who = name.removeprefix(MARK) if name.startswith(MARK) else f"a session called {name!r}"
    return f"{who}, since {since} (PostgreSQL's process {pid})"
