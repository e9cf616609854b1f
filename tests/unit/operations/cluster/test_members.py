from datetime import UTC, datetime, timedelta
from typing import Any

from howdah.foundation.errors import Unavailable
from howdah.operations.cluster.members import member_view
from howdah.operations.cluster.replication import Follower
from howdah.operations.cluster.views import PRIMARY, REPLICA, STANDBY, SYNCHRONOUS
from tests.unit.operations.cluster.clusters import MEMBERS

A, B, ANALYTICS, _ = MEMBERS
LEADER = {"state": "running", "role": "master", "timeline": 3, "xlog": {"location": 5000}}


def said(**different: Any) -> dict[str, Any]:
    """What Patroni answers for a member that follows."""
    minute_ago = (datetime.now(UTC) - timedelta(seconds=60)).isoformat(sep=" ")
    xlog = {"replayed_location": 4000, "replayed_timestamp": minute_ago, "paused": False}
    return {"state": "running", "role": "replica", "timeline": 3, "xlog": xlog} | different


def follower(**different: Any) -> Follower:
    values: dict[str, Any] = {
        "name": "postgres-b",
        "state": "streaming",
        "synchronous": True,
        "lag_bytes": 120,
        "lag_seconds": 0.2,
        "unflushed_bytes": 0,
    }
    return Follower(**(values | different))


def test_the_leader_is_who_holds_the_lease() -> None:
    view = member_view(A, LEADER, "leader", None, LEADER)
    assert (view.role, view.timeline, view.lag_bytes) == (PRIMARY, 3, None)


def test_without_etcd_the_primary_is_who_says_so() -> None:
    assert member_view(A, LEADER, "", None, LEADER).role == PRIMARY


def test_who_was_primary_and_lost_the_lease_is_none() -> None:
    assert member_view(A, LEADER, "replica", None, LEADER).role == STANDBY


def test_a_synchronous_standby_is_one_only_when_the_primary_waits_for_it() -> None:
    view = member_view(B, said(), "sync_standby", {"postgres-b": follower()}, LEADER)
    assert (view.role, view.synchronous) == (SYNCHRONOUS, True)
    view = member_view(
        B, said(), "sync_standby", {"postgres-b": follower(synchronous=False)}, LEADER
    )
    assert not view.synchronous


def test_without_etcd_the_synchronous_standby_is_who_the_primary_waits_for() -> None:
    view = member_view(B, said(), "", {"postgres-b": follower()}, LEADER)
    assert (view.role, view.synchronous) == (SYNCHRONOUS, True)


def test_lag_is_the_primarys_own_figure() -> None:
    view = member_view(ANALYTICS, said(), "replica", {ANALYTICS.name: follower()}, LEADER)
    assert (view.role, view.lag_bytes, view.lag_seconds) == (REPLICA, 120, 0.2)


def test_who_is_not_connected_lags_by_what_both_say() -> None:
    view = member_view(ANALYTICS, said(), "replica", {}, LEADER)
    assert (view.lag_bytes, view.replication) == (1000, "")
    assert view.lag_seconds is not None
    assert 59 < view.lag_seconds < 70


def test_a_member_that_does_not_answer_says_why() -> None:
    view = member_view(B, Unavailable("nothing listens there"), "replica", None, LEADER)
    assert (view.state, view.trouble) == ("unreachable", "nothing listens there")


def test_a_member_whose_postgresql_is_down_has_no_figures() -> None:
    view = member_view(B, {"state": "stopped", "role": "replica"}, "replica", None, LEADER)
    assert (view.state, view.lag_bytes, view.timeline) == ("stopped", None, None)


def test_what_the_primary_could_not_be_asked_is_not_made_up() -> None:
    assert member_view(ANALYTICS, said(), "replica", None, LEADER).replication is None
