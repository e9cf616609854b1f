import pytest

from howdah.foundation.topology import Topology
from howdah.operations.cluster.diagnosis import Limits, limits_of, megabytes, what_is_wrong
from howdah.operations.cluster.views import PRIMARY, ClusterStatus, ClusterView, EtcdView
from tests.unit.operations.cluster.clusters import pool, route, seen, status, whole

LIMITS = Limits(lag_bytes=16 * 1024 * 1024)
AWAY = "Patroni of it does not answer: nothing listens there"


def wrong(found: ClusterStatus) -> tuple[str, ...]:
    return what_is_wrong(found, LIMITS)


def test_nothing_is_wrong_with_a_whole_cluster() -> None:
    assert wrong(status()) == ()


CONDITIONS = {
    "no leader": (
        whole(leader=None, sync_standby="postgres-b"),
        ["no member leads: nothing can be written"],
    ),
    "no synchronous standby": (whole(sync_standby=None), ["there is no synchronous standby"]),
    "automation paused": (whole(paused=True), ["automation is paused"]),
    "two primaries": (
        whole(seen("postgres-b", role=PRIMARY)),
        ["postgres-a and postgres-b both say"],
    ),
    "member away": (
        whole(seen("replica-analytics", state="unreachable", trouble=AWAY, replication="")),
        ["replica-analytics cannot be asked: " + AWAY],
    ),
    "member stopped": (
        whole(seen("replica-analytics", state="start failed", replication="")),
        ["replica-analytics does not serve: its PostgreSQL is 'start failed'"],
    ),
    "member not connected": (
        whole(seen("replica-analytics", replication="")),
        ["replica-analytics is not connected to the primary"],
    ),
    "member catching up": (
        whole(seen("replica-analytics", replication="catchup")),
        ["replica-analytics does not stream yet: it is in state 'catchup'"],
    ),
    "member on an old timeline": (
        whole(seen("postgres-b", timeline=2, replication="")),
        ["postgres-b is still on timeline 2, the primary on 3"],
    ),
    "member behind in bytes": (
        whole(seen("replica-dashboards", lag_bytes=40 * 1024 * 1024)),
        ["replica-dashboards is 40 MB of WAL behind"],
    ),
    "member behind in seconds": (
        whole(seen("replica-dashboards", lag_seconds=12.4)),
        ["replica-dashboards is 12 s behind"],
    ),
    "replay paused": (
        whole(seen("replica-dashboards", replay_paused=True)),
        ["replica-dashboards receives WAL and does not replay it"],
    ),
    "restart pending": (
        whole(seen("postgres-a", pending_restart=True)),
        ["postgres-a waits for a restart"],
    ),
    "going on without etcd": (
        whole(without_etcd=True),
        ["the primary goes on without etcd"],
    ),
    "a primary that could not be asked": (
        whole(
            seen("postgres-b", replication=None, lag_bytes=None),
            unanswered=("the primary postgres-a could not be asked who follows it",),
        ),
        ["the primary postgres-a could not be asked"],
    ),
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each_condition_of_the_members_is_named_once(condition: str) -> None:
    cluster, beginnings = CONDITIONS[condition]
    found = wrong(status(cluster))
    assert len(found) == len(beginnings)
    for sentence, beginning in zip(found, beginnings, strict=True):
        assert sentence.startswith(beginning)


def test_lag_at_the_limit_is_well() -> None:
    view = whole(seen("replica-dashboards", lag_bytes=LIMITS.lag_bytes, lag_seconds=10.0))
    assert wrong(status(view)) == ()


def test_a_cluster_that_could_not_be_asked_is_never_well() -> None:
    found = status(ClusterView(()), unanswered=("the members could not be asked: no answer",))
    assert wrong(found) == ("the members could not be asked: no answer",)


def test_who_leads_is_not_made_up_when_etcd_was_not_read() -> None:
    view = whole(leader=None, sync_standby=None, unanswered=("etcd was not read",))
    first, *_ = wrong(status(view))
    assert first.startswith("who leads cannot be told")


def test_a_route_on_its_fallback_names_who_stands_in() -> None:
    fallen = route("analytics", replica_analytics="down", backup_replica_dashboards="up")
    assert wrong(status(routes=(fallen,))) == (
        "analytics is served by replica-dashboards instead of its own replica (replica-analytics)",
    )


def test_a_route_that_nobody_serves_is_named() -> None:
    dead = route("dashboards", replica_dashboards="down", backup_postgres_a="down")
    assert wrong(status(routes=(dead,))) == (
        "nobody serves dashboards: its connections are refused",
    )


def test_a_member_left_out_of_rotation_is_named_with_the_remedy() -> None:
    left = route("any", replica_analytics="drain", replica_dashboards="up")
    (sentence,) = wrong(status(routes=(left,)))
    assert sentence.startswith("replica-analytics was taken out")
    assert "resume-clients" in sentence


def test_a_paused_pool_is_named_with_who_paused_it() -> None:
    found = status(pools=(pool(paused=True),), operation="switchover by root on db1")
    (sentence,) = wrong(found)
    assert sentence.startswith("PgBouncer holds the clients of app_db back (PAUSE) by switchover")


def test_clients_that_wait_long_for_a_connection_are_named() -> None:
    busy = pool(clients_waiting=12, longest_wait_seconds=2.5, server_connections=30)
    (sentence,) = wrong(status(pools=(busy,)))
    assert sentence.startswith(
        "clients of app_db wait for a server connection: 12 of them, the first"
    )


def test_clients_that_wait_a_moment_are_not() -> None:
    assert wrong(status(pools=(pool(clients_waiting=3, longest_wait_seconds=0.2),))) == ()


def test_a_majority_of_etcd_that_is_away_is_named() -> None:
    etcd = (EtcdView("etcd-1", "it is away"), EtcdView("etcd-2", "it is away"), EtcdView("etcd-3"))
    found = wrong(status(etcd=etcd))
    assert found[0] == "etcd-1 of etcd is not healthy: it is away"
    assert found[2].startswith("etcd has no majority")


def test_one_of_three_members_of_etcd_away_leaves_a_majority() -> None:
    etcd = (EtcdView("etcd-1", "it is away"), EtcdView("etcd-2"), EtcdView("etcd-3"))
    assert len(wrong(status(etcd=etcd))) == 1


def test_an_even_number_of_etcd_members_is_named() -> None:
    (sentence,) = wrong(status(etcd=(EtcdView("etcd-1"), EtcdView("etcd-2"))))
    assert sentence.startswith("etcd has 2 members, an even number")


def test_certificates_that_expire_are_passed_on() -> None:
    assert wrong(status(certificates=("it ends tomorrow",))) == ("it ends tomorrow",)


def test_the_limit_of_lag_is_the_one_of_the_settings() -> None:
    assert limits_of(Topology(profile="full")).lag_bytes == 16 * 1024 * 1024


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 kB"), (2048, "2 kB"), (16 * 1024 * 1024, "16 MB")]
)
def test_bytes_are_told_for_people(count: int, words: str) -> None:
    assert megabytes(count) == words
