from dataclasses import replace

import pytest

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.pgbackrest import (
    RepositoryKeys,
    archiving,
    node_conf,
    pgbackrest_conf,
    repository_place,
    servers_of,
)
from howdah.foundation.topology import Backup, Topology

KEYS = RepositoryKeys("the passphrase", "the key", "the key's secret")


def _options(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def test_the_operators_file_is_the_golden_file(same_as, cluster: Topology, layout: Layout) -> None:
    same_as(pgbackrest_conf(cluster, layout, KEYS), "pgbackrest.conf")


def test_a_single_server_archives_with_a_file_of_its_own(
    same_as, topology: Topology, layout: Layout
) -> None:
    (server,) = servers_of(topology, layout)
    same_as(node_conf(topology, layout, KEYS, server), "pgbackrest-postgresql.conf")


def test_the_cluster_is_backed_up_from_a_standby_before_a_replica(
    cluster: Topology, layout: Layout
) -> None:
    options = _options(pgbackrest_conf(cluster, layout, KEYS))
    assert options["backup-standby"] == "y"
    assert options["pg1-path"].endswith("postgres-a/pgdata")
    assert options["pg2-path"].endswith("postgres-b/pgdata")
    assert len(servers_of(cluster, layout)) == 4


def test_no_two_servers_share_a_lock_or_a_spool(cluster: Topology, layout: Layout) -> None:
    texts = [pgbackrest_conf(cluster, layout, KEYS)]
    texts += [node_conf(cluster, layout, KEYS, server) for server in servers_of(cluster, layout)]
    for name in ("lock-path", "spool-path"):
        assert len({_options(text)[name] for text in texts}) == len(texts)


def test_wal_is_kept_as_long_as_the_backups_that_need_it(
    topology: Topology, layout: Layout
) -> None:
    options = _options(pgbackrest_conf(topology, layout, KEYS))
    assert options["repo1-retention-full-type"] == "time"
    assert options["repo1-retention-full"] == "30"
    assert "repo1-retention-archive" not in options
    assert "archive-push-queue-max" not in options


def test_a_repository_in_a_bucket_is_encrypted_as_well(topology: Topology, layout: Layout) -> None:
    bucket = Backup(
        enabled=True, repository="s3", s3_endpoint="s3.example.com", s3_bucket="backups"
    )
    chosen = replace(topology, backup=bucket)
    options = _options(pgbackrest_conf(chosen, layout, KEYS))
    assert options["repo1-type"] == "s3"
    assert options["repo1-path"] == "/howdah"
    assert options["repo1-s3-key"] == "the key"
    assert options["repo1-cipher-type"] == "aes-256-cbc"
    assert repository_place(chosen, layout) == "s3://backups/howdah at s3.example.com"


@pytest.mark.parametrize("enabled", [True, False])
def test_nothing_is_archived_unless_it_is_wished(
    topology: Topology, layout: Layout, enabled: bool
) -> None:
    chosen = replace(topology, backup=Backup(enabled=enabled))
    parameters = archiving(chosen, layout, "postgresql")
    assert parameters["archive_mode"] == ("on" if enabled else "off")
    assert ("archive_command" in parameters) is enabled


def test_the_passphrase_stands_in_no_command_line(topology: Topology, layout: Layout) -> None:
    chosen = replace(topology, backup=Backup(enabled=True))
    assert "passphrase" not in str(archiving(chosen, layout, "postgresql"))
    assert "cipher" not in str(archiving(chosen, layout, "postgresql"))
