from howdah.foundation.layout import Layout
from howdah.foundation.rendering.redis import redis_conf
from howdah.foundation.topology import Topology


def test_redis_conf_is_the_golden_file(same_as, topology: Topology, layout: Layout) -> None:
    same_as(redis_conf(topology, layout, "the-password"), "redis.conf")


def test_a_full_queue_refuses_jobs_rather_than_forgetting_some(
    topology: Topology, layout: Layout
) -> None:
    lines = redis_conf(topology, layout, "the-password").splitlines()
    assert "maxmemory-policy noeviction" in lines
    assert "appendonly yes" in lines
