"""Hold clients back while something is moved under them, and let them go on whatever happens.

PgBouncer's PAUSE outlives the one who asked for it, and so does HAProxy's drain. Therefore a
companion process stands by while either is in force: when this process ends without letting
clients go on, also by `kill -9`, the companion does.
"""

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from howdah.foundation.errors import HowdahError, Unavailable
from howdah.foundation.processes.companion import Companion
from howdah.foundation.settings import Settings, child_environment
from howdah.foundation.topology import Member
from howdah.operations.cluster import routes
from howdah.operations.cluster.pooler import Console, PauseTimedOut, console
from howdah.operations.cluster.replication import oldest_transaction

PAUSE_PATIENCE_SECONDS = 3.0
"""How long running transactions may take before clients are let go on instead."""


COMPANION = "howdah.entrypoints.cli.cluster_companion"


@dataclass
class HeldBack:
    """Since when clients wait (monotonic clock), and for how long they did in the end."""

    begun: float = 0.0
    seconds: float = 0.0


@contextmanager
def watched_over(settings: Settings, patience_seconds: float) -> Iterator[None]:
    """Somebody lets clients go on when this process dies, or takes longer than that."""
    command = (sys.executable, "-m", COMPANION, str(patience_seconds))
    with Companion(command, child_environment(settings.home, settings.config_file)):
        yield


@contextmanager
def held_back(settings: Settings, databases: Sequence[str], primary: Member) -> Iterator[HeldBack]:
    """PAUSE these databases of PgBouncer; RESUME them in any case. Needs `watched_over`.

    Raises PauseTimedOut with the transaction that went on for too long.
    """
    held = HeldBack()
    with console(settings) as pausing, console(settings) as resuming:
        held.begun = time.monotonic()
        try:
            _pause(settings, pausing, databases, primary)
            yield held
        finally:
            _resume(settings, resuming, databases)
            held.seconds = time.monotonic() - held.begun


def _pause(settings: Settings, admin: Console, databases: Sequence[str], primary: Member) -> None:
    deadline = time.monotonic() + PAUSE_PATIENCE_SECONDS
    for database in databases:
        try:
            admin.pause(database, max(0.0, deadline - time.monotonic()))
        except PauseTimedOut as failure:
            raise PauseTimedOut(
                f"transactions of {database} went on for {PAUSE_PATIENCE_SECONDS:g} s; "
                f"clients go on and nothing was changed. {_culprit(settings, primary)}",
                hint="wait for it, or end it with pg_terminate_backend(…), and try again",
            ) from failure


def _culprit(settings: Settings, primary: Member) -> str:
    try:
        words = oldest_transaction(settings, primary)
    except Unavailable as failure:
        return f"Which ones cannot be said: {failure.message}"
    return f"The oldest is {words}" if words else "None is open any more"


def _resume(settings: Settings, admin: Console, databases: Sequence[str]) -> None:
    """Over the open connection; over a new one when PgBouncer was restarted meanwhile."""
    try:
        for database in databases:
            admin.resume(database)
    except HowdahError:
        with console(settings) as another:
            for database in databases:
                another.resume(database)


def resume_clients(settings: Settings) -> list[str]:
    """RESUME every paused database and put every member back that was taken out of rotation.

    Returns what was done, in sentences. Raises Unavailable.
    """
    done = []
    with console(settings) as admin:
        for pool in admin.pools():
            if pool.paused:
                admin.resume(pool.database)
                done.append(f"the clients of {pool.database} go on")
    for member in routes.taken_out(routes.route_views(settings)):
        routes.put_back(settings, member)
        done.append(f"{member} is in HAProxy's rotation again")
    return done
