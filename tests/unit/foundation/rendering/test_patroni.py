import json
from dataclasses import replace
from typing import Any

import pytest

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.patroni import ACCOUNTS, dynamic_configuration, patroni_yml
from howdah.foundation.topology import Cluster, Topology

PASSWORDS = {user: f"secret of {user}" for user in ACCOUNTS.values()}


def _document(topology: Topology, layout: Layout, member: str) -> dict[str, Any]:
    text = patroni_yml(topology, layout, topology.member(member), PASSWORDS)
    comment, _, rest = text.partition("\n")
    assert comment.startswith("#")
    found: dict[str, Any] = json.loads(rest)
    return found


def test_patroni_yml_is_the_golden_file(same_as, cluster: Topology, layout: Layout) -> None:
    text = patroni_yml(cluster, layout, cluster.member("postgres-a"), PASSWORDS)
    same_as(text, "patroni-postgres-a.yml")


@pytest.mark.parametrize("member", ["replica-analytics", "replica-dashboards"])
def test_a_replica_is_never_promoted_nor_waited_for(
    cluster: Topology, layout: Layout, member: str
) -> None:
    tags = _document(cluster, layout, member)["tags"]
    assert tags["nofailover"] is True
    assert tags["nosync"] is True


def test_a_standby_may_be_promoted(cluster: Topology, layout: Layout) -> None:
    assert _document(cluster, layout, "postgres-b")["tags"]["nofailover"] is False


def test_every_network_connection_is_encrypted(cluster: Topology, layout: Layout) -> None:
    rules = _document(cluster, layout, "postgres-a")["postgresql"]["pg_hba"]
    network = [rule.split() for rule in rules if not rule.startswith("local")]
    assert network
    assert {words[0] for words in network} == {"hostssl"}
    assert {words[-1] for words in network} == {"scram-sha-256"}


def test_zones_with_networks_let_in_their_own_network(layout: Layout) -> None:
    topology = Topology(profile="full", cluster=Cluster(zone_networks=True))
    document = _document(topology, layout, "postgres-b")
    assert "hostssl all all 10.97.84.0/24 scram-sha-256" in document["postgresql"]["pg_hba"]
    assert document["postgresql"]["listen"] == "10.97.84.11:8441"
    assert document["etcd3"]["hosts"] == ["10.97.84.1:8460"]


def test_the_lease_and_the_policy_are_those_of_the_settings(cluster: Topology) -> None:
    chosen = replace(cluster, cluster=Cluster(ttl_seconds=30, strict_synchronous=True))
    shared = dynamic_configuration(chosen)
    assert (shared["ttl"], shared["loop_wait"], shared["retry_timeout"]) == (30, 1, 2)
    assert (shared["synchronous_mode"], shared["synchronous_mode_strict"]) == (True, True)
