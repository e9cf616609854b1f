"""How long a message may take."""

from howdah.foundation.database.pools import SLACK_SECONDS, message_seconds
from howdah.foundation.topology import PgBouncer, PostgreSQL, Topology


def test_a_message_may_take_as_long_as_all_limits_together() -> None:
    topology = Topology(
        postgresql=PostgreSQL(statement_timeout_seconds=7.0),
        pgbouncer=PgBouncer(query_wait_timeout_seconds=4),
    )
    assert message_seconds(topology) == 7 + 4 + SLACK_SECONDS
