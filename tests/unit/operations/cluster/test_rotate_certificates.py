from datetime import UTC, datetime

from howdah.operations.cluster.rotate_certificates import Rotation, TakenUp, troubles

GOOD = TakenUp("PgBouncer", "pgbouncer", "01", "02", datetime(2027, 1, 1, tzinfo=UTC))
LATE = TakenUp("PostgreSQL postgres-a", "postgres-a", "03", "04", None, "it still presents 03")


def test_a_rotation_is_complete_when_every_endpoint_presents_its_new_certificate() -> None:
    assert Rotation((GOOD,), stack_runs=True).complete
    assert not Rotation((GOOD, LATE), stack_runs=True).complete


def test_a_rotation_that_stopped_is_not_complete() -> None:
    assert not Rotation((GOOD,), stack_runs=True, stopped="pgbouncer did not take it up").complete


def test_each_trouble_says_what_to_do() -> None:
    (sentence,) = troubles(Rotation((GOOD, LATE), stack_runs=True))
    assert sentence == (
        "PostgreSQL postgres-a: it still presents 03. When it stays so, "
        "`howdah restart postgres-a` makes it read the new one."
    )
