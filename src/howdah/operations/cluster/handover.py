"""Move the lead from a healthy primary to its synchronous standby, without failing a request.

Clients of PgBouncer wait from PAUSE to RESUME. What makes that short: the old primary has written
its checkpoint before, the new one is asked itself whether it has been promoted, and HAProxy is
told rather than left to find out.
"""

import time
from collections.abc import Sequence
from queue import Empty, SimpleQueue
from threading import Thread

import psycopg

from howdah.foundation.errors import CommandFailed, HowdahError, Unavailable
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster import routes
from howdah.operations.cluster.asking import wait_until
from howdah.operations.cluster.choosing import Refused
from howdah.operations.cluster.patroni import insist, tell
from howdah.operations.cluster.reporting import Stopwatch
from howdah.operations.cluster.rest import Reply
from howdah.operations.roles.connect import connect_directly, connect_member

CATCH_UP_SECONDS = 4.0
"""How long a follower may take to have what is written when the preparation begins."""
LOOK_SECONDS = 0.02
ANSWER_SECONDS = 40.0
"""Patroni answers only when it is all over; nobody waits for that."""
PROMOTE_SECONDS = 8.0
"""Clients wait 10 s at most for a server connection: they are let go on before."""
BEHIND = """
    SELECT application_name, state FROM pg_stat_replication
    WHERE state = 'backup' OR flush_lsn IS NULL OR flush_lsn < %s::pg_lsn
"""


def prepare(settings: Settings, old: Member) -> None:
    """Leave the old primary little to do when it stops: a checkpoint, and followers that follow.

    It stops only when every follower has everything, so one that hangs would hold up all clients.
    Raises Refused that names it, Unavailable.
    """
    with connect_member(settings, old) as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_current_wal_flush_lsn()::text").fetchone()
        assert row is not None
        deadline = time.monotonic() + CATCH_UP_SECONDS
        while behind := connection.execute(BEHIND, [row[0]]).fetchall():
            _refuse_during_backup(behind)
            if time.monotonic() > deadline:
                names = ", ".join(sorted(str(name) for name, _ in behind))
                raise Refused(
                    f"the primary is not moved: {names} receives too slowly, and {old.name} "
                    "stops only when all who follow it have everything",
                    hint="`howdah cluster status` shows the lag; take that member down, or wait",
                )
            time.sleep(0.05)


def _refuse_during_backup(behind: Sequence[tuple[object, ...]]) -> None:
    if any(state == "backup" for _, state in behind):
        raise Refused(
            "the primary is not moved: a copy of its data is being taken and would break off",
            hint="wait until the member that is being re-seeded follows, or the backup is done",
        )


class Handover:
    """One attempt to have `new` lead instead of `old`."""

    def __init__(self, settings: Settings, old: Member, new: Member, watch: Stopwatch):
        self._settings, self._old, self._new = settings, old, new
        self._watch = watch
        self._replies: SimpleQueue[Reply | HowdahError] = SimpleQueue()

    def carry_out(self) -> None:
        """Returns when the new primary accepts writes through HAProxy.

        Raises PatroniRefused, CommandFailed when that takes too long, Unavailable.
        """
        Thread(target=self._ask, daemon=True).start()
        with connect_member(self._settings, self._new) as new:
            self._wait_for_promotion(new)
        self._watch.note("promoted", f"{self._new.name} accepts writes")
        self._lead_haproxy()
        wait_until(
            self._reached,
            f"HAProxy to lead to {self._new.name}",
            PROMOTE_SECONDS,
            look=LOOK_SECONDS,
        )
        self._watch.note("routed", f"HAProxy leads to {self._new.name}")

    def _ask(self) -> None:
        body = {"leader": self._old.name, "candidate": self._new.name}
        try:
            self._replies.put(
                tell(
                    self._settings,
                    self._old,
                    "POST",
                    "/switchover",
                    body,
                    timeout_seconds=ANSWER_SECONDS,
                )
            )
        except HowdahError as failure:
            self._replies.put(failure)

    def _wait_for_promotion(self, new: "psycopg.Connection[tuple[object, ...]]") -> None:
        deadline = time.monotonic() + PROMOTE_SECONDS
        while not _accepts_writes(new):
            self._stop_when_refused()
            if time.monotonic() > deadline:
                raise CommandFailed(
                    f"{self._new.name} did not take over within {PROMOTE_SECONDS:g} s; "
                    "Patroni may still be at it",
                    hint="`howdah cluster status` shows who leads; the logs of "
                    f"{self._old.name} and {self._new.name} say what held it up",
                )
            time.sleep(LOOK_SECONDS)

    def _stop_when_refused(self) -> None:
        try:
            reply = self._replies.get_nowait()
        except Empty:
            return
        if isinstance(reply, HowdahError):
            raise reply
        insist(reply, f"move the primary to {self._new.name}")

    def _lead_haproxy(self) -> None:
        """Its own checks find the new primary too, only half a second later."""
        try:
            routes.lead_to(self._settings, self._old.name, self._new.name)
        except HowdahError as failure:
            self._watch.note("haproxy", f"HAProxy was not told: {failure.message}")

    def _reached(self) -> bool:
        try:
            with connect_directly(self._settings, "postgres") as connection:
                return _accepts_writes(connection) and _port(connection) == self._new.port
        except (Unavailable, psycopg.Error):
            return False


def _accepts_writes(connection: "psycopg.Connection[tuple[object, ...]]") -> bool:
    try:
        row = connection.execute("SELECT NOT pg_is_in_recovery()").fetchone()
    except psycopg.Error as failure:
        raise Unavailable(f"the member that was to lead is gone: {failure}") from failure
    return row is not None and bool(row[0])


def _port(connection: "psycopg.Connection[tuple[object, ...]]") -> int:
    row = connection.execute("SELECT inet_server_port()").fetchone()
    return int(str(row[0])) if row else 0
