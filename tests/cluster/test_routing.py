"""Reads find their replica, and the primary when there is none; writes find the primary."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import pytest

from howdah.foundation.database import NOBODY, Binding, Database, Position, Statement
from howdah.foundation.errors import HowdahError, Unauthenticated, Unavailable
from howdah.foundation.metrics import REPLICA_FALLBACKS
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster.patroni import leader
from howdah.operations.drills import faults
from howdah.operations.drills.wholeness import wait_until_whole
from howdah.operations.roles.connect import connect_directly, connect_member
from tests.cluster.slow_replicas import PATIENCE, Replicas, both_paused, replicas

WHERE = Statement("test_where", "SELECT inet_server_port() AS port")
SLOW = Statement(
    "test_slow", "SELECT (SELECT count(*) FROM search_synonyms) + length(pg_sleep(2)::text) AS rows"
)
BEAT = Statement(
    "test_beat",
    """
    INSERT INTO heartbeats (source) VALUES ('tests')
    ON CONFLICT (source) DO UPDATE SET beaten_at = clock_timestamp()
    """,
)
LEFT_OUT_WITHIN_SECONDS = 2.0
TAKEN_BACK_WITHIN_SECONDS = 45.0
"""PgBouncer keeps a connection for half a minute; those it opens then find both replicas."""
WAL_OF_MEGABYTES = """
SELECT count(pg_logical_emit_message(false, 'howdah test', repeat('x', 1000000)))
FROM generate_series(1, %s)
"""


@pytest.fixture
def database(cluster: Settings) -> Iterator[Database]:
    found = Database.open(cluster, size=2, application_name="tests of routing")
    yield found
    found.close()


def where(database: Database, purpose: str) -> int:
    """The port of the member that answers."""
    with database.read(NOBODY, purpose) as queries:
        return int(queries.value(WHERE))


def named(settings: Settings, name: str) -> Member:
    return settings.topology.member(name)


def test_each_purpose_is_answered_by_its_own(cluster: Settings, database: Database) -> None:
    answered = {
        purpose: {where(database, purpose) for _ in range(20)}
        for purpose in ("primary", "analytics", "dashboards")
    }
    assert answered == {
        "primary": {leader(cluster).port},
        "analytics": {named(cluster, "replica-analytics").port},
        "dashboards": {named(cluster, "replica-dashboards").port},
    }


def test_reads_for_any_are_spread_evenly(cluster: Settings, database: Database) -> None:
    # What other tests did to a replica may be half a minute ago.
    wait_for(lambda: even(cluster, spread(database, 40)), TAKEN_BACK_WITHIN_SECONDS)
    answered = spread(database, 500, pause_seconds=0.01)
    assert even(cluster, answered), answered


def spread(database: Database, reads: int, pause_seconds: float = 0.0) -> Counter[int]:
    """Port → how many of these reads the member there answered."""
    answered: Counter[int] = Counter()
    for _ in range(reads):
        answered[where(database, "any")] += 1
        time.sleep(pause_seconds)
    return answered


def even(settings: Settings, answered: Counter[int]) -> bool:
    """Whether each replica had 40 to 60 of a hundred."""
    shares = {port: count / answered.total() for port, count in answered.items()}
    expected = {member.port for member in replicas(settings)}
    return set(shares) == expected and all(0.4 <= share <= 0.6 for share in shares.values())


@contextmanager
def down(settings: Settings, *members: Member) -> Iterator[None]:
    faults.kill_members(settings, [member.name for member in members], fence=True)
    try:
        yield
    finally:
        for member in members:
            faults.start(settings, member.name)
        wait_until_whole(settings, 90)


def last_answer_of(
    database: Database, member: Member, seconds: float, purpose: str = "any"
) -> tuple[float, float]:
    """Until when the member answered, and how long the slowest read took (seconds); none fails."""
    begun = time.monotonic()
    until = slowest = 0.0
    while time.monotonic() - begun < seconds:
        asked = time.monotonic()
        port = where(database, purpose)
        now = time.monotonic()
        slowest = max(slowest, now - asked)
        if port == member.port:
            until = now - begun
        time.sleep(0.01)
    return until, slowest


def taken_back(database: Database, member: Member, purpose: str = "any") -> bool:
    return any(where(database, purpose) == member.port for _ in range(20))


def wait_for(condition: Callable[[], bool], seconds: float) -> None:
    gives_up_at = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < gives_up_at, f"not within {seconds:g} s"
        time.sleep(0.2)


def test_a_replica_that_died_fails_no_read_and_is_taken_back(
    cluster: Settings, database: Database
) -> None:
    member = named(cluster, "replica-dashboards")
    where(database, "any")
    with down(cluster, member):
        until, slowest = last_answer_of(database, member, 5)
        assert until < LEFT_OUT_WITHIN_SECONDS
        assert slowest < LEFT_OUT_WITHIN_SECONDS
        assert where(database, "dashboards") == named(cluster, "replica-analytics").port
    wait_for(lambda: taken_back(database, member), TAKEN_BACK_WITHIN_SECONDS)
    wait_for(lambda: where(database, "dashboards") == member.port, 10)


def test_a_replica_that_hangs_is_left_out(cluster: Settings, database: Database) -> None:
    member = named(cluster, "replica-dashboards")
    where(database, "any")
    faults.freeze(cluster, member.name)
    try:
        until, slowest = last_answer_of(database, member, 6)
    finally:
        faults.thaw(cluster, member.name)
    assert until < LEFT_OUT_WITHIN_SECONDS
    assert slowest < 4
    wait_for(lambda: taken_back(database, member), TAKEN_BACK_WITHIN_SECONDS)


def test_a_replica_too_far_behind_is_left_out_and_taken_back(
    cluster: Settings, database: Database
) -> None:
    member = named(cluster, "replica-dashboards")
    with Replicas(cluster) as held:
        held.pause(member)
        with connect_directly(cluster, "postgres") as connection:
            connection.execute(WAL_OF_MEGABYTES, (cluster.topology.cluster.lag_limit_mb + 8,))
        until, _ = last_answer_of(database, member, 5)
        assert until < LEFT_OUT_WITHIN_SECONDS
    wait_for(lambda: taken_back(database, member), TAKEN_BACK_WITHIN_SECONDS)


def test_without_replicas_the_primary_answers(cluster: Settings, database: Database) -> None:
    with down(cluster, *replicas(cluster)):
        time.sleep(LEFT_OUT_WITHIN_SECONDS)
        port = leader(cluster).port
        assert {where(database, purpose) for purpose in ("any", "analytics")} == {port}


def cancelled(settings: Settings, member: Member) -> int:
    """Queries that the replica has cancelled for a lock; a session tells it ten seconds later."""
    with connect_member(settings, member) as connection:
        row = connection.execute(
            "SELECT confl_lock FROM pg_stat_database_conflicts WHERE datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])


def lock_a_little_later(settings: Settings) -> None:
    """An exclusive lock on the table that SLOW reads, taken and let go while it is read."""
    time.sleep(0.7)
    with connect_directly(settings, "postgres") as connection, connection.transaction():
        connection.execute("LOCK TABLE search_synonyms IN ACCESS EXCLUSIVE MODE")


@pytest.mark.parametrize("purpose", ["dashboards", "analytics"])
def test_a_query_that_a_replica_cancels_is_answered_all_the_same(
    cluster: Settings, database: Database, purpose: str
) -> None:
    member = named(cluster, f"replica-{purpose}")
    where(database, purpose)
    fallbacks = REPLICA_FALLBACKS.labels(purpose, "conflict")
    before, before_here = fallbacks._value.get(), cancelled(cluster, member)
    with Replicas(cluster) as held, ThreadPoolExecutor(1) as pool:
        held.set(member, PATIENCE, "50ms")
        time.sleep(0.5)
        locking = pool.submit(lock_a_little_later, cluster)
        with database.read(NOBODY, purpose) as queries:
            assert queries.value(SLOW) is not None
        locking.result()
    by_the_primary = fallbacks._value.get() - before
    assert by_the_primary == (1 if purpose == "dashboards" else 0)
    if not by_the_primary:
        wait_for(lambda: cancelled(cluster, member) > before_here, 20)


def test_a_purpose_that_must_not_use_the_primary_does_not(cluster: Settings) -> None:
    """Not for what replicas lack. Who the caller is, it may be asked."""
    topology = cluster.topology
    forbidden = replace(topology, cluster=replace(topology.cluster, analytics_falls_back=False))
    database = Database.open(replace(cluster, topology=forbidden), size=1, application_name="tests")
    stranger = Binding("SELECT * FROM howdah.authenticate(%s, 'read')", (b"nobody's",))
    try:
        with both_paused(cluster):
            with database.write(NOBODY) as transaction:
                transaction.execute(BEAT)
            position = Position.of(transaction.position or "")
            with (
                pytest.raises(Unavailable, match="No replica for analytics"),
                database.read(NOBODY, "analytics", position) as queries,
            ):
                queries.value(WHERE)
            assert where(database, "analytics") == named(cluster, "replica-analytics").port
        with (
            pytest.raises(Unauthenticated),
            database.read(stranger, "analytics") as queries,
        ):
            queries.value(WHERE)
    finally:
        database.close()


def test_after_a_failover_no_process_needs_a_restart(cluster: Settings) -> None:
    """A process with many idle connections writes again; none of them costs a failed request."""
    database = Database.open(cluster, size=6, application_name="tests of failover")
    try:
        fill(database)
        faults.kill_members(cluster, [leader(cluster).name])
        wait_for(lambda: beats(database), 40)
        assert all(beats(database) for _ in range(20))
    finally:
        database.close()
        wait_until_whole(cluster, 90)


def fill(database: Database) -> None:
    """Six connections at a time, which are idle afterwards."""
    with (
        database.write(NOBODY) as a,
        database.write(NOBODY) as b,
        database.write(NOBODY) as c,
        database.write(NOBODY) as d,
        database.write(NOBODY) as e,
        database.write(NOBODY) as f,
    ):
        assert [transaction.value(WHERE) for transaction in (a, b, c, d, e, f)]


def beats(database: Database) -> bool:
    """Whether a write succeeds. Whoever fails is told to come back, whatever psycopg raised."""
    try:
        with database.write(NOBODY) as transaction:
            transaction.execute(BEAT)
    except HowdahError as failure:
        if not failure.retryable:
            raise
        return False
    return True
