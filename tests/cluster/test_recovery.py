"""Going back with a whole cluster, and its disaster recovery: everybody follows again."""

import shutil
from collections.abc import Iterator

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.backups.take import take_backup
from howdah.operations.cluster import automation
from howdah.operations.cluster.asking import wait_until
from howdah.operations.cluster.patroni import cluster_view
from howdah.operations.cluster.reporting import silent
from howdah.operations.drills import faults
from tests.backups.recovering import (
    archived_until_now,
    killed_when,
    mark,
    marks,
    pids,
    recorded,
    set_aside,
    timeline,
)

FOLLOWS_SECONDS = 60.0


@pytest.fixture(autouse=True)
def nothing_left(cluster: Settings) -> Iterator[None]:
    """What was set aside is deleted, as an operator would."""
    yield
    for folder in set_aside(cluster):
        shutil.rmtree(folder)


def test_a_cluster_goes_back_although_its_restore_is_killed(cluster: Settings) -> None:
    take_backup(cluster, "full", silent)
    moment = mark(cluster, "went_back", 1)
    mark(cluster, "went_back", 2)
    before, old = pids(cluster), timeline(cluster)
    command = ("restore", "--in-place", "--to", moment.isoformat(), "--yes")
    for note in ("aside", "promoted"):
        killed_when(cluster, lambda found, note=note: note in found, *command)
    assert recorded(*command)["outcome"] == "recovered"
    assert marks(cluster, "went_back") == [1]
    assert timeline(cluster) > old
    after = pids(cluster)
    for program in ("api", "pgbouncer", "haproxy", "redis"):
        assert after[program] == before[program], program
    view = cluster_view(cluster)
    assert view.sync_standby is not None
    assert all(item.streaming for item in view.members if item.name != view.leader)
    mark(cluster, "went_on", 1)
    archived_until_now(cluster)


def test_recover_promotes_the_standby_of_a_lost_primary(cluster: Settings) -> None:
    view = cluster_view(cluster)
    old, standby = view.leader, view.sync_standby
    assert old is not None
    automation.pause(cluster)  # else Patroni is faster
    try:
        faults.kill_members(cluster, [old], fence=True)
        wait_until(lambda: cluster_view(cluster).leader is None, "the lease to run out", 30)
        record = recorded("recover", "--yes")
        assert record["notes"]["choice"]["action"] == "promote"
        assert (record["outcome"], cluster_view(cluster).leader) == ("recovered", standby)
    finally:
        faults.start(cluster, old)
        automation.resume(cluster)
    wait_until(lambda: cluster_view(cluster).sync_standby == old, "it to follow", FOLLOWS_SECONDS)
