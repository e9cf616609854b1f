from howdah.foundation.topology import Topology
from howdah.operations.roles.catalog import OWNER, READER, WRITER, roles_of


def settings_by_role(topology: Topology) -> dict[str, dict[str, str]]:
    return {role.name: dict(role.settings) for role in roles_of(topology)}


def test_the_owner_comes_first_because_the_database_is_created_for_it() -> None:
    assert [role.name for role in roles_of(Topology())] == [OWNER, WRITER, READER]


def test_the_application_has_the_limits_of_the_topology() -> None:
    assert settings_by_role(Topology())[WRITER] == {
        "statement_timeout": "5000ms",
        "lock_timeout": "2000ms",
        "idle_in_transaction_session_timeout": "10000ms",
        "jit": "off",
        "max_parallel_workers_per_gather": "0",
        "log_min_error_statement": "panic",
    }


def test_the_reader_cannot_begin_a_transaction_that_writes() -> None:
    assert settings_by_role(Topology())[READER]["default_transaction_read_only"] == "on"


def test_no_failed_statement_of_the_application_is_logged_with_its_values() -> None:
    settings = settings_by_role(Topology())
    assert {settings[role]["log_min_error_statement"] for role in (WRITER, READER)} == {"panic"}
