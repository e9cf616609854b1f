"""A PgBouncer that was stopped in its tracks: it accepts and never answers."""

import os
import signal
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

import psutil
import pytest

from howdah.foundation.database import NOBODY, Database, OutcomeUnknown, Statement
from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from tests.jobs.background import pooler

ASK = Statement("test_ask", "SELECT 1 AS one")
LIMIT_SECONDS = 1 + 1 + 3.0
"""statement_timeout and query_wait_timeout below, and the slack."""


@pytest.fixture
def impatient(settings: Settings) -> Iterator[Settings]:
    """A PgBouncer of this test's own, and an application that does not wait long for it."""
    topology = settings.topology
    settings = replace(
        settings,
        topology=replace(
            topology,
            postgresql=replace(topology.postgresql, statement_timeout_seconds=1.0),
            pgbouncer=replace(topology.pgbouncer, query_wait_timeout_seconds=1),
        ),
    )
    with pooler(settings) as through_pooler:
        yield through_pooler


@contextmanager
def hanging(settings: Settings) -> Iterator[None]:
    """PgBouncer is stopped (SIGSTOP) meanwhile."""
    port = settings.topology.ports.pgbouncer
    pid = next(
        found.pid
        for found in psutil.net_connections("tcp4")
        if found.status == psutil.CONN_LISTEN and found.laddr.port == port and found.pid
    )
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def test_reads_and_writes_are_told_in_time_and_work_again_afterwards(impatient: Settings) -> None:
    database = Database.open(impatient, size=3, application_name="tests")
    try:
        with database.write(NOBODY) as one, database.write(NOBODY) as other:
            assert (one.value(ASK), other.value(ASK)) == (1, 1)
        begun = time.monotonic()
        with hanging(impatient):
            with pytest.raises(Unavailable), database.read(NOBODY) as queries:
                queries.value(ASK)
            waited = time.monotonic() - begun
            begun = time.monotonic()
            with pytest.raises(Unavailable), database.read(NOBODY) as queries:
                queries.value(ASK)
            waited_again = time.monotonic() - begun
        # The second try of the first read waits for a new connection in vain (5 s); the others
        # that looked well are gone, and cost the next request no deadline of their own.
        assert waited < LIMIT_SECONDS + 1.5 + 6
        assert waited_again < 1.5
        works_again(database)
    finally:
        database.close()


def test_a_commit_without_an_answer_is_unknown(impatient: Settings) -> None:
    database = Database.open(impatient, size=1, application_name="tests")
    try:
        with pytest.raises(OutcomeUnknown):
            commit_into_silence(database, impatient)
        works_again(database)
    finally:
        database.close()


def commit_into_silence(database: Database, settings: Settings) -> None:
    with ExitStack() as silence, database.write(NOBODY) as transaction:
        transaction.value(ASK)
        silence.enter_context(hanging(settings))
        begun = time.monotonic()
        silence.callback(lambda: in_time(time.monotonic() - begun))


def in_time(waited_seconds: float) -> None:
    assert LIMIT_SECONDS - 0.5 < waited_seconds < LIMIT_SECONDS + 1.5


def works_again(database: Database) -> None:
    """Within the pool's own pauses between tries to connect."""
    gives_up_at = time.monotonic() + 15
    while True:
        try:
            with database.read(NOBODY) as queries:
                assert queries.value(ASK) == 1
            return
        except Unavailable:
            assert time.monotonic() < gives_up_at, "it never works again"
            time.sleep(0.1)
