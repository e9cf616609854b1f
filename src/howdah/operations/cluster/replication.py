"""What the primary knows of those who follow it."""

from dataclasses import dataclass

import psycopg

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.roles.connect import connect_member

FOLLOWERS = """
    SELECT application_name, state, sync_state IN ('sync', 'quorum'),
           greatest(0, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn))::bigint,
           coalesce(extract(epoch FROM replay_lag), 0)::float,
           pg_wal_lsn_diff(pg_current_wal_flush_lsn(), flush_lsn)::bigint
    FROM pg_stat_replication
"""
OLDEST_TRANSACTION = """
    SELECT pid, application_name, extract(epoch FROM clock_timestamp() - xact_start)::float,
           left(query, 60)
    FROM pg_stat_activity
    WHERE datname = %s AND xact_start IS NOT NULL AND pid <> pg_backend_pid()
    ORDER BY xact_start LIMIT 1
"""


@dataclass(frozen=True)
class Follower:
    """One row of pg_stat_replication. `unflushed_bytes`: WAL it has not yet stored."""

    name: str
    state: str
    synchronous: bool
    lag_bytes: int | None
    lag_seconds: float | None
    unflushed_bytes: int | None


def followers(settings: Settings, primary: Member) -> dict[str, Follower]:
    """Those connected to the primary, by name. Raises Unavailable."""
    try:
        with connect_member(settings, primary) as connection:
            rows = connection.execute(FOLLOWERS).fetchall()
    except psycopg.Error as failure:
        raise Unavailable(f"{primary.name}: {failure}") from failure
    return {row[0]: Follower(*row) for row in rows}


def oldest_transaction(settings: Settings, primary: Member) -> str:
    """The longest open transaction of the product's database, in words; empty when there is none.

    Raises Unavailable.
    """
    try:
        with connect_member(settings, primary) as connection:
            database = settings.topology.postgresql.database
            row = connection.execute(OLDEST_TRANSACTION, [database]).fetchone()
    except psycopg.Error as failure:
        raise Unavailable(f"{primary.name}: {failure}") from failure
    if row is None:
        return ""
    pid, program, seconds, query = row
    return f"process {pid} ({program or 'unnamed'}), open for {seconds:.0f} s: {query}"


def accepts_writes(settings: Settings, member: Member) -> bool:
    """Whether the member is a primary; False also when it cannot be asked."""
    try:
        with connect_member(settings, member) as connection:
            row = connection.execute("SELECT NOT pg_is_in_recovery()").fetchone()
    except (Unavailable, psycopg.Error):
        return False
    return row is not None and bool(row[0])
