"""Backups of a cluster: taken from the standby, with extensions that want their libraries."""

from howdah.foundation.settings import Settings
from howdah.operations.backups.take import take_backup
from howdah.operations.cluster.reporting import silent
from howdah.operations.restores.prove import prove_restore


def test_a_backup_of_the_cluster_becomes_the_database_that_was_counted(cluster: Settings) -> None:
    taken = take_backup(cluster, "full", silent)
    found = prove_restore(cluster, silent)
    assert found.problems == ()
    assert found.backup == taken.label
    assert found.phases.keys() >= {"restore", "replay", "amcheck", "rows", "queries", "checksums"}
