"""Clients that read while something breaks: through the API, and through each purpose's pool."""

import time
from collections import Counter
from dataclasses import dataclass
from threading import Event, Lock, Thread
from typing import Any

import psycopg
from psycopg.rows import TupleRow

from howdah.foundation.settings import Settings
from howdah.operations.drills.api_client import ApiClient
from howdah.operations.drills.ledger import Gap, longest_gap

PAUSE_SECONDS = 0.1
API_PAUSE_SECONDS = 0.2
CONNECT_TIMEOUT_SECONDS = 2
ROLE = "app_read"
WHO_SERVES = "SELECT inet_server_port()"
QUESTIONS = {
    "analytics": "/orgs/{}/insights/top-tags",
    "dashboards": "/orgs/{}/insights/counters",
    "any": "/orgs/{}/search?q=written",
}
"""Purpose → a request of the API that reads for it."""


@dataclass(frozen=True)
class Read:
    """One read: when it was answered or failed, by which member, or why not."""

    at: float
    by: str = ""
    failure: str = ""


class Reads:
    """What one reader saw."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._reads: list[Read] = []

    def add(self, read: Read) -> None:
        """One more."""
        with self._lock:
            self._reads.append(read)

    def after(self, moment: float) -> list[Read]:
        """Those from that moment on."""
        with self._lock:
            return [read for read in self._reads if read.at >= moment]

    def outage(self, since: float) -> Gap | None:
        """The longest time without an answer that ended after `since`."""
        with self._lock:
            answered = [read.at for read in self._reads if not read.failure]
        return longest_gap(answered, since)

    def failures(self, since: float) -> dict[str, int]:
        """Kind → failed reads."""
        return dict(Counter(read.failure for read in self.after(since) if read.failure))

    def last_failure(self, since: float) -> float | None:
        """When a read failed for the last time."""
        return max((read.at for read in self.after(since) if read.failure), default=None)

    def first_by(self, member: str, since: float) -> float | None:
        """When that member answered again for the first time."""
        return min((read.at for read in self.after(since) if read.by == member), default=None)

    def served_by(self, since: float = 0.0) -> dict[str, int]:
        """Member → reads that it answered."""
        return dict(Counter(read.by for read in self.after(since) if read.by))


class Readers:
    """Threads that read for some purposes until told to stop; `with` starts and stops them."""

    def __init__(self, settings: Settings, slug: str, purposes: tuple[str, ...]):
        self.through_api = {purpose: Reads() for purpose in purposes}
        self.through_pool = {purpose: Reads() for purpose in purposes}
        self._settings = settings
        self._slug = slug
        self._stop = Event()
        self._members = {member.port: member.name for member in settings.topology.members}
        work = [(self._ask, purpose) for purpose in purposes]
        work += [(self._query, purpose) for purpose in purposes]
        self._threads = [
            Thread(target=target, args=(purpose,), daemon=True) for target, purpose in work
        ]

    def __enter__(self) -> "Readers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=35)

    def _ask(self, purpose: str) -> None:
        path = QUESTIONS[purpose].format(self._slug)
        with ApiClient(self._settings) as client:
            while not self._stop.wait(API_PAUSE_SECONDS):
                answer = client.ask("GET", path)
                failure = "" if answer.done else answer.kind
                self.through_api[purpose].add(Read(time.monotonic(), failure=failure))

    def _query(self, purpose: str) -> None:
        reads = self.through_pool[purpose]
        while not self._stop.is_set():
            try:
                with self._connection(purpose) as connection:
                    self._query_on(connection, reads)
            except psycopg.Error as failure:
                kind = str(failure).strip().partition("\n")[0] or type(failure).__name__
                reads.add(Read(time.monotonic(), failure=kind))
                self._stop.wait(PAUSE_SECONDS)

    def _query_on(self, connection: psycopg.Connection[TupleRow], reads: Reads) -> None:
        while not self._stop.is_set():
            row = connection.execute(WHO_SERVES).fetchone()
            port = row[0] if row else 0
            reads.add(Read(time.monotonic(), by=self._members.get(port, f"port {port}")))
            self._stop.wait(PAUSE_SECONDS)

    def _connection(self, purpose: str) -> psycopg.Connection[TupleRow]:
        topology = self._settings.topology
        security: dict[str, Any] = dict(self._settings.transport_security)
        return psycopg.connect(
            host=topology.pgbouncer.host,
            port=topology.ports.pgbouncer,
            user=ROLE,
            password=self._settings.secret(ROLE),
            dbname=topology.purposes[purpose],
            application_name="howdah drill",
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            autocommit=True,
            prepare_threshold=None,
            **security,
        )
