"""No read that carries a token is ever stale, whatever the replicas and the primary go through."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from howdah.entrypoints.schedule.duties import beat
from howdah.foundation.database import Database
from howdah.foundation.settings import Settings
from howdah.operations.cluster.patroni import leader
from howdah.operations.drills import faults
from howdah.operations.drills.wholeness import wait_until_whole
from howdah.operations.roles.connect import connect_member
from tests.cluster.requests_to_api import TOKEN, Document, ask, counting_document
from tests.cluster.slow_replicas import Replicas, both_paused, replicas

STEPS = ("write", "write", "list", "list", "search", "pause 0", "pause 1", "resume 0", "resume 1",
         "delay 0", "delay 1")  # fmt: skip


PACE_SECONDS = 0.07
"""Five threads with one credential stay below its limit of requests."""


@pytest.fixture
def document(cluster: Settings) -> Iterator[Document]:
    with counting_document(cluster) as found:
        yield found


@dataclass
class History:
    """Writes that were acknowledged, and what reads saw of them. Threads may share it."""

    document: Document
    number: int = 0
    token: str | None = None
    reads: int = 0
    unanswered: int = 0
    stale: list[str] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self) -> None:
        """One more. Not acknowledged, it may have happened or not; then the same comes again."""
        answer = self.document.write(self.number + 1)
        with self._lock:
            if answer.status == 200:
                self.number, self.token = self.number + 1, answer.token
            else:
                assert answer.status in (0, 503), answer.body
                self.unanswered += 1

    def read(self, how: str, *, with_token: bool = True) -> None:
        """What was acknowledged before the read began must be in it."""
        with self._lock:
            least, token = self.number, self.token if with_token else None
        seen = (self.document.found if how == "search" else self.document.listed)(token)
        with self._lock:
            self.reads += 1
            if seen is None:
                self.unanswered += 1
            elif seen < least:
                self.stale.append(f"{how} (token {token}) saw {seen}, {least} was acknowledged")


@contextmanager
def traffic(history: History) -> Iterator[None]:
    """One thread writes and four read, with and without a token, meanwhile."""
    stop = threading.Event()
    works = [
        history.write,
        *(
            partial(history.read, how, with_token=with_token)
            for how in ("list", "search")
            for with_token in (True, False)
        ),
    ]

    def go_on(work: Callable[[], None]) -> None:
        while not stop.wait(PACE_SECONDS):
            work()

    with ThreadPoolExecutor(len(works)) as pool:
        going = [pool.submit(go_on, work) for work in works]
        try:
            yield
        finally:
            stop.set()
        for thread in going:
            thread.result()


@hypothesis_settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(steps=st.lists(st.sampled_from(STEPS), min_size=12, max_size=25))
def test_no_read_is_stale_while_replicas_pause_and_lag(
    cluster: Settings, document: Document, steps: list[str]
) -> None:
    history = History(document)
    history.number = max(document.listed() or 0, 0)
    with Replicas(cluster) as held:
        history.write()
        for step in steps:
            carry_out(step, held, history)
        assert history.stale == []
        assert history.unanswered == 0


def carry_out(step: str, held: Replicas, history: History) -> None:
    name, _, which = step.partition(" ")
    member = replicas(held.settings)[int(which or 0)]
    match name:
        case "write":
            history.write()
        case "list" | "search":
            history.read(name, with_token=True)
            history.read(name, with_token=False)
        case "pause":
            held.pause(member)
        case "resume":
            held.resume(member)
        case "delay":
            held.delay(member, 0.3)


def test_no_read_is_stale_through_a_failover(cluster: Settings, document: Document) -> None:
    """The primary is killed while everybody goes on, and one replica does not replay."""
    history = History(document)
    with Replicas(cluster) as held, traffic(history):
        time.sleep(2)
        held.pause(replicas(cluster)[0])
        time.sleep(1)
        before = history.number
        faults.kill_members(cluster, [leader(cluster).name])
        wait_for(lambda: history.number > before + 20, 40)
        time.sleep(2)
        held.resume(replicas(cluster)[0])
        time.sleep(2)
    wait_until_whole(cluster, 90)
    assert history.stale == []
    assert history.reads > 100


def test_reads_with_a_token_go_on_while_nobody_leads(cluster: Settings, document: Document) -> None:
    """Replicas then receive nothing; the last heartbeat told them which timeline they are on."""
    database = Database.open(cluster, size=1, application_name="tests")
    beat(database)
    database.close()
    token = document.write(1).token
    assert document.listed(token) == 1
    time.sleep(0.5)
    candidates = [member.name for member in cluster.topology.members if member.candidate]
    faults.kill_members(cluster, candidates, fence=True)
    try:
        time.sleep(1)
        begun = time.monotonic()
        seen = {read(token) for _ in range(20) for read in (document.listed, document.found)}
        waited = time.monotonic() - begun
    finally:
        for name in candidates:
            faults.start(cluster, name)
        wait_until_whole(cluster, 90)
    assert seen == {1}
    assert waited < 5


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    gives_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < gives_up_at, f"not within {seconds:g} s"
        time.sleep(0.05)


@pytest.mark.parametrize("token", ["1-FFFFFFFF/FFFFFFFF", "999999999-0/1"])
def test_a_token_of_the_far_future_waits_a_moment_and_is_answered(
    document: Document, token: str
) -> None:
    document.listed()
    begun = time.monotonic()
    assert document.listed(token) == 0
    assert time.monotonic() - begun < 2


def test_a_token_on_a_later_timeline_is_not_answered_by_a_replica_on_an_earlier_one(
    cluster: Settings, document: Document
) -> None:
    """However many bytes it has replayed: they may be of a history that was given up."""
    for member in replicas(cluster):
        with connect_member(cluster, member) as connection:
            row = connection.execute(
                "SELECT timeline_id, howdah.replayed_timeline(1), "
                "howdah.replayed_timeline(999999) FROM pg_control_checkpoint()"
            ).fetchone()
            assert row is not None
            assert row[1] >= 1
            with pytest.raises(Exception, match="has not replayed"):
                connection.execute(
                    "SELECT howdah.await_position(%s, '0/0'::pg_lsn, 50)", (row[2] + 1,)
                )
            connection.execute("SELECT howdah.await_position(%s, '0/0'::pg_lsn, 50)", (row[2],))


def test_a_revoked_token_is_refused_by_replicas_that_have_not_heard_of_it(
    cluster: Settings, document: Document
) -> None:
    made = ask(cluster, "POST", "/me/tokens", {"name": "short-lived", "scopes": ["read"]})
    assert made.status == 201, made.body
    theirs = {"Authorization": f"Bearer {made.body['token']}"}
    path = f"/orgs/{document.slug}/documents"
    assert ask(cluster, "GET", path, headers=theirs).status == 200
    time.sleep(1)
    with both_paused(cluster):
        assert ask(cluster, "GET", path, headers=theirs).status == 200
        assert ask(cluster, "DELETE", f"/me/tokens/{made.body['id']}").status == 204
        assert {ask(cluster, "GET", path, headers=theirs).status for _ in range(10)} == {401}


def test_a_credential_that_replicas_do_not_know_yet_is_let_in(
    cluster: Settings, document: Document
) -> None:
    with both_paused(cluster):
        made = ask(cluster, "POST", "/me/tokens", {"name": "new", "scopes": ["read"]})
        theirs = {"Authorization": f"Bearer {made.body['token']}"}
        path = f"/orgs/{document.slug}/documents"
        assert {ask(cluster, "GET", path, headers=theirs).status for _ in range(10)} == {200}


def test_the_token_of_one_caller_serves_another(cluster: Settings, document: Document) -> None:
    other = ask(cluster, "POST", "/me/tokens", {"name": "colleague", "scopes": ["read"]})
    theirs = {"Authorization": f"Bearer {other.body['token']}"}
    with both_paused(cluster):
        token = document.write(7).token
        assert token is not None
        path = f"/orgs/{document.slug}/documents"
        told = ask(cluster, "GET", path, headers={**theirs, TOKEN: token})
    assert told.body["items"][0]["title"] == f"{document.word} 7"
