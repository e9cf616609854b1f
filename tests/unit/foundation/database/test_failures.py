"""What psycopg raises while servers come and go, and what becomes of it."""

import psycopg
import pytest

from howdah.foundation.database.failures import (
    ConnectionLost,
    NotReplayed,
    Rolledback,
    evicts,
    translated,
)
from howdah.foundation.errors import HowdahError, StatementTimeout


def error(state: str | None, kind: type[psycopg.Error] = psycopg.OperationalError) -> psycopg.Error:
    failure = kind("…")
    failure.sqlstate = state
    return failure


@pytest.mark.parametrize("state", ["25006", "57P01", "57P02", "57P03", "08006", "08P01"])
def test_a_server_that_leaves_or_no_longer_leads_loses_its_connections(state: str) -> None:
    assert evicts(error(state))
    assert isinstance(translated(error(state)), ConnectionLost)


@pytest.mark.parametrize(
    "kind", [psycopg.OperationalError, psycopg.InternalError, psycopg.InterfaceError]
)
def test_a_broken_protocol_is_a_lost_connection(kind: type[psycopg.Error]) -> None:
    """During a failover psycopg has been seen to raise `received 2 results from command`."""
    assert isinstance(translated(error(None, kind)), ConnectionLost)


@pytest.mark.parametrize(
    ("state", "family"),
    [("40001", Rolledback), ("HW425", NotReplayed), ("57014", StatementTimeout)],
)
def test_what_may_be_asked_again_keeps_its_connection(
    state: str, family: type[HowdahError]
) -> None:
    assert not evicts(error(state))
    assert type(translated(error(state))) is family
