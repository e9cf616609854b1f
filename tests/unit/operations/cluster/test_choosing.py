import pytest

from howdah.foundation.errors import NotFound
from howdah.operations.cluster.choosing import Change, Refused, failover_to, switchover_to
from howdah.operations.cluster.views import ClusterView
from tests.unit.operations.cluster.clusters import MEMBERS, seen, whole

DEAD = seen("postgres-a", state="unreachable", trouble="nothing listens there")
DEAD_STANDBY = seen("postgres-b", state="unreachable", trouble="nothing listens there")


def test_the_synchronous_standby_takes_over_unless_somebody_is_named() -> None:
    assert switchover_to(whole(), MEMBERS, None) == Change("postgres-a", "postgres-b")


def test_the_standby_may_be_named() -> None:
    assert switchover_to(whole(), MEMBERS, "postgres-b").new == "postgres-b"


@pytest.mark.parametrize(
    ("view", "to", "reason"),
    [
        (whole(), "postgres-a", "postgres-a is the primary already"),
        (whole(), "replica-analytics", "is a replica, which is never promoted"),
        (whole(paused=True), None, "automation is paused"),
        (whole(leader=None), None, "no member leads"),
        (whole(sync_standby=None), None, "there is no synchronous standby"),
        (whole(sync_standby=None), "postgres-b", "postgres-b is not the synchronous standby"),
        (whole(seen("postgres-b", replication="")), None, "postgres-b does not follow the primary"),
    ],
)
def test_a_switchover_is_refused_with_its_reason(
    view: ClusterView, to: str | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        switchover_to(view, MEMBERS, to)


def test_every_reason_is_named_at_once() -> None:
    with pytest.raises(Refused, match=r"automation is paused; replica-analytics is a replica"):
        switchover_to(whole(paused=True), MEMBERS, "replica-analytics")


def test_a_member_that_is_not_there_is_told_with_those_that_are() -> None:
    with pytest.raises(NotFound, match=r"no member 'postgres-c'.*postgres-a, postgres-b, replica"):
        switchover_to(whole(), MEMBERS, "postgres-c")


def test_a_failover_promotes_the_synchronous_standby_without_loss() -> None:
    view = whole(DEAD, leader=None)
    change = failover_to(view, MEMBERS, None, accept_loss=False)
    assert change == Change(None, "postgres-b", loses="")


def test_a_failover_away_from_a_leader_that_does_not_serve() -> None:
    change = failover_to(whole(DEAD), MEMBERS, None, accept_loss=False)
    assert (change.old, change.new) == ("postgres-a", "postgres-b")


def test_a_healthy_leader_is_not_failed_over() -> None:
    with pytest.raises(Refused, match=r"postgres-a leads and serves.*switchover"):
        failover_to(whole(), MEMBERS, None, accept_loss=True)


def test_an_asynchronous_member_is_promoted_only_if_the_loss_is_accepted() -> None:
    view = whole(DEAD, seen("postgres-b", lag_bytes=2048), leader=None, sync_standby=None)
    with pytest.raises(Refused, match=r"would be lost; it was 2 kB behind.*--accept-loss"):
        failover_to(view, MEMBERS, "postgres-b", accept_loss=False)
    assert failover_to(view, MEMBERS, "postgres-b", accept_loss=True).loses


@pytest.mark.parametrize(
    ("view", "to", "reason"),
    [
        (whole(DEAD, leader=None), "replica-analytics", "which is never promoted"),
        (whole(DEAD, DEAD_STANDBY, leader=None), "postgres-b", "postgres-b does not run"),
        (whole(DEAD, DEAD_STANDBY, leader=None, sync_standby=None), None, "no member that may"),
        (whole(DEAD), "postgres-a", "postgres-a is the one that leads now"),
    ],
)
def test_a_failover_is_refused_with_its_reason_also_when_loss_is_accepted(
    view: ClusterView, to: str | None, reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        failover_to(view, MEMBERS, to, accept_loss=True)
