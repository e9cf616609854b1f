import pytest

from howdah.foundation.topology import Topology
from howdah.foundation.topology_values import Given, build_topology


def _built(**values: object) -> tuple[Topology, list[str]]:
    given = {key.replace("__", "."): Given(value, "a test") for key, value in values.items()}
    topology, mistakes = build_topology(given, memory_mb=4096, cores=4)
    return topology, [str(mistake) for mistake in mistakes]


def _mistake(**values: object) -> str:
    _, mistakes = _built(**values)
    assert len(mistakes) == 1, mistakes
    return mistakes[0]


def test_a_value_given_is_the_value_in_force() -> None:
    topology, mistakes = _built(ports__base=9400, api__workers="3", worker__count=2)
    assert mistakes == []
    assert (topology.ports.api, topology.api.workers, topology.worker.count) == (9400, 3, 2)


def test_sizes_follow_from_the_machine_unless_given() -> None:
    topology, _ = _built(postgresql__work_mem_mb=7)
    assert topology.postgresql.shared_buffers_mb == 1024
    assert topology.postgresql.work_mem_mb == 7


def test_connections_follow_from_what_they_serve_unless_given() -> None:
    topology, _ = _built(api__threads=12, pgbouncer__default_pool_size=40)
    assert topology.api.pool_size == 4
    assert topology.pgbouncer.max_db_connections == 45


def test_an_api_process_gets_its_share_of_two_connections_a_core() -> None:
    def pool_size(**given: object) -> int:
        return _built(**given)[0].api.pool_size

    assert pool_size(api__workers=1) == 8
    assert pool_size(api__workers=16) == 2
    assert pool_size(api__workers=1, api__threads=3) == 3
    assert pool_size(api__pool_size=7) == 7


def test_a_mistyped_key_is_named_with_the_one_that_was_meant() -> None:
    mistake = _mistake(ports__bse=9400)
    assert mistake == (
        "ports.bse = 9400 (a test): there is no such setting; did you mean ports.base?"
    )


def test_a_key_in_the_wrong_section_is_named_with_the_right_one() -> None:
    assert "did you mean pgbouncer.max_client_conn?" in _mistake(postgresql__max_client_conn=1)


@pytest.mark.parametrize(
    ("key", "value", "right"),
    [
        ("api__workers", "many", "a whole number from 1 to 256"),
        ("api__workers", 2.5, "a whole number from 1 to 256"),
        ("api__workers", True, "a whole number from 1 to 256"),
        ("api__workers", 0, "a whole number from 1 to 256"),
        ("postgresql__statement_timeout_seconds", "nan", "a number from 0.1 to 3600"),
        ("postgresql__host", "not a host!", "an IP address or a host name"),
        ("postgresql__host", 5, "an IP address or a host name"),
        ("pgbouncer__pool_mode", "session", "transaction"),
        ("profile", "huge", "solo"),
    ],
)
def test_a_wrong_value_is_reported_with_what_would_be_right(
    key: str, value: object, right: str
) -> None:
    mistake = _mistake(**{key: value})
    assert mistake.startswith(f"{key.replace('__', '.')} = {value!r} (a test): must be {right}")


def test_every_mistake_is_reported_at_once() -> None:
    _, mistakes = _built(ports__bse=1, api__workers="x", profile="huge")
    assert len(mistakes) == 3


def test_two_programs_on_one_port_are_a_mistake() -> None:
    assert "is also ports.pgbouncer" in _mistake(ports__redis=8432)


def test_a_port_beyond_the_last_is_a_mistake() -> None:
    assert "from 1024 to 65000" in _mistake(ports__base=65001)


def test_fewer_server_connections_than_the_pooler_may_open_are_a_mistake() -> None:
    assert "must be at least 40" in _mistake(postgresql__max_connections=35)


def test_a_pool_larger_than_its_cap_is_a_mistake() -> None:
    assert "must be at least pgbouncer.default_pool_size (25)" in _mistake(
        pgbouncer__max_db_connections=10
    )


def test_more_application_connections_than_the_pooler_accepts_are_a_mistake() -> None:
    assert "must be at least 17" in _mistake(pgbouncer__max_client_conn=10, api__pool_size=8)


def test_a_lock_timeout_that_could_never_take_effect_is_a_mistake() -> None:
    assert "must be less than" in _mistake(postgresql__lock_timeout_seconds=5)


def test_the_cluster_is_backed_up_and_a_single_server_is_when_wished() -> None:
    assert not _built()[0].backup.enabled
    assert _built(profile="full")[0].backup.enabled
    assert not _built(profile="full", backup__enabled=False)[0].backup.enabled
    assert _built(backup__enabled="true")[0].backup.enabled


def test_a_bucket_needs_its_name_and_its_service() -> None:
    _, mistakes = _built(backup__repository="s3")
    assert [text.partition(" = ")[0] for text in mistakes] == [
        "backup.s3_endpoint",
        "backup.s3_bucket",
    ]


def test_the_repositorys_folder_is_an_absolute_path() -> None:
    assert "absolute path" in _mistake(backup__path="backups")
    assert "absolute path" in _mistake(backup__path="/srv/my backups")
