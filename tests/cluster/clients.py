"""Clients of PgBouncer that write and read all the time, and count what fails: no retries."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread

import psycopg

from howdah.foundation.settings import Settings
from howdah.operations.roles.connect import connect_directly
from tests.cluster.pooler_clients import connect

TABLE = "cluster_test_writes"


@dataclass
class Client:
    """One connection that repeats a statement; `longest_seconds` of one, commit included."""

    settings: Settings
    database: str
    statement: str
    done: int = 0
    longest_seconds: float = 0.0
    failures: list[str] = field(default_factory=list)

    def work(self, stop: Event) -> None:
        connection = self._connect()
        while not stop.is_set():
            begun = time.monotonic()
            try:
                connection.execute(self.statement.encode())
                self.done += 1
            except psycopg.Error as failure:
                self.failures.append(f"{self.database}: {failure}")
                connection.close()
                connection = self._connect()
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - begun)
            time.sleep(0.005)
        connection.close()

    def _connect(self) -> "psycopg.Connection[tuple[object, ...]]":
        while True:
            try:
                return connect(self.settings, dbname=self.database)
            except psycopg.Error as failure:
                self.failures.append(f"{self.database}: {failure}")
                time.sleep(0.1)


@dataclass
class Load:
    """Writers and readers together."""

    settings: Settings
    clients: list[Client]
    forgiven: tuple[str, ...] = ()

    def forgive(self, *databases: str) -> None:
        """Failures there are expected."""
        self.forgiven += databases

    def failures(self) -> list[str]:
        return [
            failure
            for client in self.clients
            for failure in client.failures
            if client.database not in self.forgiven
        ]

    def writes(self) -> int:
        return sum(client.done for client in self.clients if client.database == "app_db")

    def longest_seconds(self) -> float:
        return max(client.longest_seconds for client in self.clients)

    def stored(self) -> int:
        with connect_directly(self.settings, "postgres") as connection:
            row = connection.execute(f"SELECT count(*) FROM {TABLE}").fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def working_clients(settings: Settings, writers: int = 4) -> Iterator[Load]:
    """Clients that work until the block ends; the table they write to is there and empty."""
    _make_table(settings)
    write = f"INSERT INTO {TABLE} DEFAULT VALUES"
    read = f"SELECT count(*) FROM (SELECT FROM {TABLE} LIMIT 100) AS latest"
    routes = [name for name in settings.topology.pgbouncer.databases if name != "app_db"]
    clients = [Client(settings, "app_db", write) for _ in range(writers)]
    clients += [Client(settings, name, read) for name in routes]
    load, stop = Load(settings, clients), Event()
    threads = [Thread(target=client.work, args=(stop,)) for client in clients]
    for thread in threads:
        thread.start()
    try:
        time.sleep(1.0)
        yield load
        time.sleep(1.0)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _make_table(settings: Settings) -> None:
    with connect_directly(settings, "postgres") as connection:
        connection.execute(f"DROP TABLE IF EXISTS {TABLE}")
        connection.execute(f"CREATE TABLE {TABLE} (id bigserial, at timestamptz DEFAULT now())")
        connection.execute(f"GRANT SELECT, INSERT ON {TABLE} TO app_write")
        connection.execute(f"GRANT USAGE ON SEQUENCE {TABLE}_id_seq TO app_write")
    time.sleep(0.5)  # until the replicas have it too
