from dataclasses import replace

import pytest

from howdah.foundation.certificates import certificates_of
from howdah.foundation.topology import PgBouncer, Topology
from howdah.operations.cluster.certificate_endpoints import checked_by, endpoints_of

FULL = Topology(profile="full")


@pytest.mark.parametrize("request_", certificates_of(FULL), ids=lambda item: str(item.name))
def test_every_certificate_can_be_seen_somewhere(request_: object) -> None:
    assert checked_by(FULL, request_.name)  # type: ignore[attr-defined]


def test_every_address_is_verified_under_a_host_of_its_certificate() -> None:
    hosts = {request.name: request.hosts for request in certificates_of(FULL)}
    assert all(endpoint.host in hosts[endpoint.certificate] for endpoint in endpoints_of(FULL))


def test_a_member_shows_its_certificate_as_postgresql_and_as_patroni() -> None:
    titles = [endpoint.title for endpoint in checked_by(FULL, "postgres-a")]
    assert titles == ["PostgreSQL postgres-a", "Patroni postgres-a"]


def test_the_operators_certificate_is_seen_where_it_is_demanded() -> None:
    (endpoint,) = checked_by(FULL, "operator")
    assert endpoint.title == "operator at etcd-1"
    assert endpoint.port == FULL.etcd_members[0].client_port


def test_a_pooler_that_listens_everywhere_is_asked_here() -> None:
    listening = replace(FULL, pgbouncer=PgBouncer(host="0.0.0.0"))
    (endpoint,) = checked_by(listening, "pgbouncer")
    assert endpoint.host == "127.0.0.1"
