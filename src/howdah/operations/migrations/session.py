"""The one session that changes the schema: as the owner, straight on PostgreSQL, one at a time."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.migrations.ledger import create_ledger
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import Connection, connect_directly

Report = Callable[[str], None]
ADVISORY_KEY = 0x686F_7764_6168  # "howdah"
POLL_SECONDS = 0.25


@dataclass(frozen=True)
class Patience:
    """How long to wait, and how often to try again. Times in seconds."""

    lock_timeout_seconds: float = 5.0
    """A statement that waits for a lock holds up everybody behind it; so it gives up soon."""
    attempts: int = 5
    first_pause_seconds: float = 0.5
    """Doubles with each attempt."""
    other_runner_seconds: float = 600.0


@contextmanager
def migration_session(
    settings: Settings, patience: Patience, report: Report
) -> Iterator[Connection]:
    """A connection that nobody else migrates beside, with the ledger in place.

    Raises Unavailable when PostgreSQL is away or another runner does not finish.
    """
    parameters = {
        "lock_timeout": f"{round(patience.lock_timeout_seconds * 1000)}ms",
        "statement_timeout": "0",
        "idle_in_transaction_session_timeout": "0",
    }
    with connect_directly(settings, OWNER, parameters=parameters) as connection:
        _wait_for_turn(connection, patience.other_runner_seconds, report)
        create_ledger(connection)
        yield connection


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
                f"Another migration has been running for {limit_seconds:.0f} s.",
                hint="Wait for it to finish, or look for it in pg_stat_activity "
                "under the application name `howdah howdah_owner`.",
            )
        if not told:
            report("Another migration is running; waiting for it to finish.")
            told = True
        time.sleep(POLL_SECONDS)


def _take_turn(connection: Connection) -> bool:
    """The lock belongs to the session: PostgreSQL gives it back when the runner ends or dies."""
    taken = connection.execute("SELECT pg_try_advisory_lock(%s)", (ADVISORY_KEY,)).fetchone()
    return taken == (True,)
