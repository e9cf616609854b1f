from howdah.foundation.topology import Topology
from howdah.foundation.topology_values import Given, build_topology, warnings_of


def _built(**values: object) -> tuple[Topology, list[str]]:
    given = {"profile": Given("full", "a test")}
    given |= {key.replace("__", "."): Given(value, "a test") for key, value in values.items()}
    topology, mistakes = build_topology(given, memory_mb=16_000, cores=4)
    return topology, [str(mistake) for mistake in mistakes]


def _members(*rows: tuple[str, str, tuple[str, ...]]) -> dict[str, object]:
    """Tables of members: name, role, purposes."""
    values: dict[str, object] = {}
    for name, role, purposes in rows:
        values[f"members__{name}__role"] = role
        values[f"members__{name}__purposes"] = list(purposes)
    return values


PRIMARY, STANDBY = ("one", "primary", ()), ("two", "standby", ())
REPLICA = ("three", "replica", ("analytics", "dashboards"))


def test_the_default_is_the_picture_of_the_architecture() -> None:
    topology, mistakes = _built()
    assert mistakes == []
    assert [(item.name, item.zone, item.role) for item in topology.members] == [
        ("postgres-a", "a", "primary"),
        ("postgres-b", "b", "standby"),
        ("replica-analytics", "a", "replica"),
        ("replica-dashboards", "b", "replica"),
    ]
    assert warnings_of(topology) == []


def test_members_share_the_memory_of_the_machine() -> None:
    assert _built()[0].postgresql.shared_buffers_mb == 1000


def test_one_replica_may_serve_every_purpose() -> None:
    topology, mistakes = _built(**_members(PRIMARY, STANDBY, REPLICA))
    assert mistakes == []
    assert [item.port for item in topology.members] == [8440, 8441, 8442]


def test_two_primaries_are_a_mistake() -> None:
    second = ("two", "primary", ())
    _, mistakes = _built(**_members(PRIMARY, second, ("four", "standby", ()), REPLICA))
    assert len(mistakes) == 1
    assert "exactly one member has the role primary" in mistakes[0]


def test_a_cluster_in_which_nobody_could_take_over_is_a_mistake() -> None:
    _, mistakes = _built(**_members(PRIMARY, REPLICA))
    assert len(mistakes) == 1
    assert "needs the role standby" in mistakes[0]


def test_a_purpose_without_a_replica_is_a_mistake() -> None:
    _, mistakes = _built(**_members(PRIMARY, STANDBY, ("three", "replica", ("analytics",))))
    assert len(mistakes) == 1
    assert "at least one replica needs 'dashboards'" in mistakes[0]


def test_a_candidate_with_purposes_is_a_mistake() -> None:
    _, mistakes = _built(**_members(PRIMARY, ("two", "standby", ("analytics",)), REPLICA))
    assert "only replicas serve purposes" in mistakes[0]


def test_a_port_of_two_members_is_a_mistake_that_names_both() -> None:
    values = _members(PRIMARY, STANDBY, REPLICA) | {
        "members__one__port": 9001,
        "members__two__rest_port": 9001,
    }
    _, mistakes = _built(**values)
    assert len(mistakes) == 1
    assert "members.two.rest_port = 9001" in mistakes[0]
    assert "members.one.port" in mistakes[0]


def test_a_misspelt_attribute_of_a_member_is_named() -> None:
    _, mistakes = _built(**_members(PRIMARY, STANDBY, REPLICA), members__one__zoen="a")
    assert "a member has zone, role, purposes, host, port, rest_port" in mistakes[0]


def test_a_name_that_no_host_could_have_is_a_mistake() -> None:
    values = _members(PRIMARY, STANDBY, REPLICA) | {"members__Über__role": "replica"}
    _, mistakes = _built(**values)
    assert "lower-case letters" in mistakes[0]


def test_a_lease_shorter_than_patronis_tries_is_a_mistake() -> None:
    _, mistakes = _built(cluster__ttl_seconds=6)
    assert "must be at least 7" in mistakes[0]


def test_an_even_number_of_etcd_members_is_a_warning() -> None:
    topology, mistakes = _built(cluster__etcd_members=2)
    assert mistakes == []
    assert "take 1 or 3" in warnings_of(topology)[0]


def test_a_standby_in_the_primarys_zone_is_a_warning() -> None:
    topology, _ = _built(**_members(PRIMARY, STANDBY, REPLICA))
    assert "its loss stops all writes" in warnings_of(topology)[0]


def test_too_few_connections_for_every_purpose_on_one_server_are_a_mistake() -> None:
    _, mistakes = _built(postgresql__max_connections=100)
    assert "must be at least 130: 4 times" in mistakes[0]
