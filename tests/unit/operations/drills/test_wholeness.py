"""When a cluster is whole, and what is said when it is not."""

from dataclasses import replace

from howdah.foundation.topology import Topology
from howdah.operations.cluster.views import ClusterView, MemberView
from howdah.operations.drills.watcher import changes
from howdah.operations.drills.wholeness import missing

TOPOLOGY = Topology(profile="full")


def _member(name: str, **more: object) -> MemberView:
    found = MemberView(name, "a", "replica", "running", 3, 0, 0.0, replication="streaming")
    return replace(found, **more)  # type: ignore[arg-type]


def _view(*members: MemberView, **more: object) -> ClusterView:
    others = [
        _member(member.name)
        for member in TOPOLOGY.members
        if member.name not in {given.name for given in members}
    ]
    view = ClusterView((*members, *others), leader="postgres-a", sync_standby="postgres-b")
    return replace(view, **more)  # type: ignore[arg-type]


def test_a_cluster_with_leader_standby_and_replicas_is_whole() -> None:
    assert missing(_view(), TOPOLOGY) == []


def test_everything_that_is_missing_is_named() -> None:
    view = _view(_member("replica-analytics", state="stopped"), leader=None, sync_standby=None)
    problems = missing(view, TOPOLOGY)
    assert "nobody leads" in problems
    assert "there is no synchronous standby" in problems
    assert any("replica-analytics" in problem for problem in problems)


def test_a_member_on_an_older_timeline_is_missing() -> None:
    problems = missing(_view(_member("postgres-b", timeline=2)), TOPOLOGY)
    assert problems == ["postgres-b is on timeline 2, the leader on 3"]


def test_a_member_that_patroni_does_not_know_is_missing() -> None:
    view = ClusterView((), leader="postgres-a", sync_standby="postgres-b")
    assert "replica-dashboards is not known to Patroni" in missing(view, TOPOLOGY)


def test_paused_automation_is_not_whole() -> None:
    assert missing(_view(paused=True), TOPOLOGY) == ["Patroni is paused"]


def test_a_change_of_the_leader_is_an_event() -> None:
    after = _view(leader="postgres-b", sync_standby=None)
    assert changes(_view(), after)[:2] == [
        "postgres-b leads (timeline 3)",
        "synchronous standby: none",
    ]
    assert changes(_view(), _view()) == []
