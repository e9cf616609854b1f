from howdah.operations.stack.cluster_settings import different


def test_what_is_the_same_is_not_sent() -> None:
    found = {"ttl": 7, "postgresql": {"parameters": {"wal_level": "replica"}, "use_slots": True}}
    assert different({"ttl": 7, "postgresql": {"use_slots": True}}, found) == {}


def test_only_what_differs_is_sent() -> None:
    found = {"ttl": 30, "postgresql": {"parameters": {"max_connections": 100, "wal_level": "x"}}}
    wanted = {"ttl": 7, "postgresql": {"parameters": {"max_connections": 200, "wal_level": "x"}}}
    assert different(wanted, found) == {
        "ttl": 7,
        "postgresql": {"parameters": {"max_connections": 200}},
    }


def test_what_operators_added_is_left_alone() -> None:
    assert different({"ttl": 7}, {"ttl": 7, "pause": True}) == {}


def test_a_missing_table_is_sent_whole() -> None:
    assert different({"postgresql": {"use_slots": True}}, {"ttl": 7}) == {
        "postgresql": {"use_slots": True}
    }
