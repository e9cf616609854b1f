import pytest

from howdah.operations.cluster.restart import order_of_restart, unhealthy
from howdah.operations.cluster.views import ClusterView
from tests.unit.operations.cluster.clusters import MEMBERS, seen, whole


def test_replicas_come_first_and_the_primary_last() -> None:
    order = [member.name for member in order_of_restart(whole(), MEMBERS)]
    assert order == ["replica-analytics", "replica-dashboards", "postgres-b", "postgres-a"]


def test_the_order_follows_who_leads_now() -> None:
    view = whole(leader="postgres-b", sync_standby="postgres-a")
    assert [member.name for member in order_of_restart(view, MEMBERS)][2:] == [
        "postgres-a",
        "postgres-b",
    ]


@pytest.mark.parametrize(
    ("view", "reason"),
    [
        (whole(), ""),
        (whole(leader=None), "no member leads"),
        (whole(seen("postgres-b", state="starting")), "postgres-b does not run (starting)"),
        (whole(seen("postgres-b", replication="")), "postgres-b does not follow the primary"),
        (whole(seen("postgres-b", timeline=2)), "postgres-b is on timeline 2, the primary on 3"),
        (whole(seen("postgres-b", lag_bytes=9999999)), "postgres-b is 9999999 bytes behind"),
        (whole(sync_standby=None), "there is no synchronous standby"),
        (whole(seen("postgres-b", synchronous=False)), "there is no synchronous standby"),
    ],
)
def test_the_next_member_waits_until_this_one_is_healthy(view: ClusterView, reason: str) -> None:
    assert unhealthy(view, "postgres-b") == reason
