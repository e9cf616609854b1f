import dataclasses

import pytest

from howdah.foundation.topology import PURPOSES, Ports, Topology, computed_defaults


def test_the_ports_follow_from_the_base() -> None:
    ports = Ports(base=9400)
    assert ports.by_program() == {
        "api": 9400,
        "pgbouncer": 9432,
        "postgresql": 9433,
        "redis": 9479,
    }


def test_one_port_can_be_moved_alone() -> None:
    ports = Ports(base=9400, redis=6379)
    assert (ports.redis, ports.api) == (6379, 9400)


def test_sections_and_pooler_targets_know_their_ports() -> None:
    topology = Topology(ports=Ports(base=9400))
    assert topology.redis.port == 9479
    assert topology.pgbouncer.port == 9432
    assert topology.pgbouncer.databases["app_db"].port == topology.postgresql.port == 9433
    assert topology.pgbouncer.databases["app_db"].dbname == "production"


def test_in_solo_every_purpose_leads_to_the_one_database() -> None:
    assert dict(Topology().purposes) == dict.fromkeys(PURPOSES, "app_db")


def test_nothing_in_it_can_be_changed() -> None:
    topology = Topology()
    with pytest.raises(dataclasses.FrozenInstanceError):
        topology.ports.base = 1  # type: ignore[misc]
    with pytest.raises(TypeError):
        topology.purposes["primary"] = "elsewhere"  # type: ignore[index]


@pytest.mark.parametrize(
    ("memory_mb", "shared_buffers_mb"), [(128, 64), (2048, 512), (24_000, 1024)]
)
def test_the_page_cache_is_a_quarter_of_the_memory_within_limits(
    memory_mb: int, shared_buffers_mb: int
) -> None:
    assert computed_defaults(memory_mb)["postgresql"]["shared_buffers_mb"] == shared_buffers_mb
