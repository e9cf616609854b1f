from dataclasses import replace

import pytest

from howdah.foundation.certificates import certificates_of
from howdah.foundation.topology import Haproxy, PgBouncer, Topology

FULL = Topology(profile="full")


def hosts(topology: Topology) -> dict[str, tuple[str, ...]]:
    return {request.name: request.hosts for request in certificates_of(topology)}


def test_every_part_of_the_cluster_has_a_certificate() -> None:
    members = {member.name for member in FULL.members}
    etcd = {member.name for member in FULL.etcd_members}
    assert set(hosts(FULL)) == members | etcd | {"pgbouncer", "operator"}


def test_a_single_database_has_none() -> None:
    assert certificates_of(Topology(profile="solo")) == ()


def test_a_member_is_verified_under_its_own_address_and_under_the_proxy() -> None:
    proxied = replace(FULL, haproxy=Haproxy(host="10.1.2.3"))
    for member in proxied.members:
        assert {member.name, member.host, "10.1.2.3", "localhost"} <= set(
            hosts(proxied)[member.name]
        )


@pytest.mark.parametrize("everywhere", ["0.0.0.0", "::", "*"])
def test_an_address_that_only_listens_is_in_no_certificate(everywhere: str) -> None:
    listening = replace(FULL, pgbouncer=PgBouncer(host=everywhere))
    assert hosts(listening)["pgbouncer"] == ("pgbouncer", "localhost", "127.0.0.1")


def test_only_the_operator_reads_the_operators_key() -> None:
    owners = {request.name: request.owner for request in certificates_of(FULL)}
    assert owners.pop("operator") == "root"
    assert set(owners.values()) == {"postgres"}
