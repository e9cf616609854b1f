"""Clients that write through PgBouncer while something happens, and keep every error they saw."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from howdah.foundation.settings import Settings

PERSISTENT, FRESH = 6, 2
WRITE = "SELECT pg_current_xact_id()"
"""Takes a transaction number, so that only the primary can answer it."""


def connect(settings: Settings, **changed: object) -> psycopg.Connection[tuple[object, ...]]:
    """A client of `app_db`, as the application connects; `changed` replaces parameters."""
    parameters: dict[str, object] = {
        "host": "127.0.0.1",
        "port": settings.topology.ports.pgbouncer,
        "dbname": "app_db",
        "user": "app_write",
        "password": settings.secret("app_write"),
        "connect_timeout": 10,
        "prepare_threshold": None,
        "autocommit": True,
        **settings.transport_security,
    }
    return psycopg.connect(**(parameters | changed))  # type: ignore[arg-type]


@dataclass
class Seen:
    """What the clients saw."""

    writes: int = 0
    connections: int = 0
    errors: list[str] = field(default_factory=list)


@contextmanager
def clients_at_work(settings: Settings) -> Iterator[Seen]:
    """Some keep their connection and write on it, some connect (verify-full) for each write."""
    seen, done = Seen(), threading.Event()
    counting = threading.Lock()

    def count(**found: int) -> None:
        with counting:
            seen.writes += found.get("writes", 0)
            seen.connections += found.get("connections", 0)

    def persistent() -> None:
        try:
            with connect(settings) as connection:
                while not done.wait(0.005):
                    connection.execute(WRITE)
                    count(writes=1)
        except psycopg.Error as failure:
            seen.errors.append(f"persistent: {failure}")

    def fresh() -> None:
        while not done.wait(0.02):
            try:
                with connect(settings) as connection:
                    connection.execute(WRITE)
                count(writes=1, connections=1)
            except psycopg.Error as failure:
                seen.errors.append(f"fresh: {failure}")

    workers = [threading.Thread(target=persistent) for _ in range(PERSISTENT)]
    workers += [threading.Thread(target=fresh) for _ in range(FRESH)]
    for worker in workers:
        worker.start()
    try:
        yield seen
    finally:
        done.set()
        for worker in workers:
            worker.join(30)
