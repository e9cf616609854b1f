"""Messages that are never answered: a pooler that hangs must not keep a request for ever.

PostgreSQL's own limits do not help against a process that has stopped in between. Every message is
noted here while it is under way; one thread of the process looks each second for those whose time
is up and shuts their sockets down, upon which the waiting thread is told that the connection is
lost. The note costs a message two operations on a dictionary.
"""

import logging
import os
import socket
import threading
import time
from contextlib import suppress

from psycopg import Connection

from howdah.foundation.database.statements import Row
from howdah.foundation.metrics import OVERDUE_MESSAGES

LOG = logging.getLogger("howdah.database")
LOOK_EVERY_SECONDS = 1.0

UNDER_WAY: dict[Connection[Row], float] = {}
"""Connection → when its message must have been answered, on the clock of time.perf_counter()."""

_closing = threading.Lock()
_starting = threading.Lock()
_threads: dict[int, threading.Thread] = {}


def start_watch() -> None:
    """Have this process's overdue messages noticed; harmless to call again."""
    with _starting:
        if os.getpid() not in _threads:
            watch = threading.Thread(target=_watch, name="howdah-deadlines", daemon=True)
            _threads[os.getpid()] = watch
            watch.start()


def answered(connection: Connection[Row]) -> bool:
    """Its message is no longer under way. False when its socket was shut down as overdue.

    Whoever takes the entry out of UNDER_WAY owns the connection's socket: a descriptor that was
    closed may be another connection's by the time it is shut down.
    """
    if UNDER_WAY.pop(connection, None) is not None:
        return True
    with _closing:  # the watch has taken it out, and is shutting it down: wait until it has
        return False


def end_overdue(now: float) -> int:
    """Shut down the sockets of messages whose time is up; returns how many."""
    overdue = [connection for connection, due in list(UNDER_WAY.items()) if due < now]
    return sum(map(_shut_down, overdue))


def _watch() -> None:
    while True:
        time.sleep(LOOK_EVERY_SECONDS)
        if UNDER_WAY:
            ended = end_overdue(time.perf_counter())
            if ended:
                LOG.warning("database messages without an answer given up", extra={"ended": ended})


def _shut_down(connection: Connection[Row]) -> bool:
    with _closing:
        if UNDER_WAY.pop(connection, None) is None:
            return False  # answered in this moment
        with suppress(OSError):  # the other side was quicker
            _shut_socket_down(connection.pgconn.socket)
    OVERDUE_MESSAGES.inc()
    return True


def _shut_socket_down(descriptor: int) -> None:
    """A duplicate is shut down and closed; libpq goes on owning the descriptor itself."""
    with socket.socket(fileno=os.dup(descriptor)) as duplicate:
        duplicate.shutdown(socket.SHUT_RDWR)
