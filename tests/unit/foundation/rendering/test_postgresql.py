from howdah.foundation.layout import Layout
from howdah.foundation.rendering.postgresql import pg_hba_conf, postgresql_conf
from howdah.foundation.rendering.text import quoted
from howdah.foundation.topology import Topology


def test_postgresql_conf_is_the_golden_file(same_as, topology: Topology, layout: Layout) -> None:
    same_as(postgresql_conf(topology, layout), "postgresql.conf")


def test_pg_hba_conf_is_the_golden_file(same_as) -> None:
    same_as(pg_hba_conf(), "pg_hba.conf")


def test_nobody_enters_without_a_scram_password() -> None:
    rules = [line for line in pg_hba_conf().splitlines() if not line.startswith("#")]
    assert rules
    assert all(rule.endswith(" scram-sha-256") for rule in rules)


def test_a_quote_in_a_value_cannot_end_the_value() -> None:
    assert quoted("o'clock\\") == "'o''clock\\\\'"
