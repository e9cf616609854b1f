"""Somebody beside a server who keeps trying to write to it directly, around pooler and HAProxy.

A write needs no table: a transactional message in the WAL, which a server that may not write
refuses. `local` writes do not wait for the synchronous standby: what such a server accepts while
another one leads would be a second primary.
"""

import time
from dataclasses import dataclass
from threading import Event, Thread

import psycopg
from psycopg import sql

from howdah.foundation.errors import HowdahError
from howdah.foundation.processes import networks
from howdah.foundation.processes.namespaces import enter_network
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection, connect_member

PAUSE_SECONDS = 0.02
WRITE = "SELECT pg_logical_emit_message(true, 'howdah drill', %s)"


@dataclass(frozen=True)
class Accepted:
    """A write that the server confirmed: sent and confirmed on the drill's clock."""

    sent_at: float
    confirmed_at: float


class Prober:
    """One thread that writes to one member, from inside its zone's network where it has one."""

    def __init__(self, settings: Settings, member: Member, *, synchronous_commit: str = "local"):
        self.member = member
        self.accepted: list[Accepted] = []
        self.refusals = 0
        self.obstacle = ""
        """Why it could not even begin; then its silence proves nothing."""
        self._settings = settings
        self._synchronous_commit = synchronous_commit
        self._stop = Event()
        self._thread = Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Prober":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        # A thread that waits for a frozen server ends with the process.
        self._thread.join(timeout=15)

    def accepted_after(self, moment: float) -> list[Accepted]:
        """The writes that were sent after that moment."""
        return [write for write in list(self.accepted) if write.sent_at > moment]

    def _work(self) -> None:
        topology = self._settings.topology
        try:
            if topology.cluster.zone_networks:
                enter_network(networks.namespace_of(topology, self.member.zone))
        except HowdahError as failure:
            self.obstacle = failure.message
            return
        while not self._stop.is_set():
            try:
                with connect_member(self._settings, self.member, SUPERUSER) as connection:
                    self._write_on(connection)
            except (HowdahError, psycopg.Error):
                # Being refused is what the prober is there to see.
                self.refusals += 1
                self._stop.wait(PAUSE_SECONDS)

    def _write_on(self, connection: Connection) -> None:
        connection.execute(
            sql.SQL("SET synchronous_commit = {}").format(sql.Literal(self._synchronous_commit))
        )
        while not self._stop.is_set():
            sent_at = time.monotonic()
            connection.execute(WRITE, (self.member.name,))
            self.accepted.append(Accepted(sent_at, time.monotonic()))
            self._stop.wait(PAUSE_SECONDS)
