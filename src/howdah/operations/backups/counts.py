"""What was in the database at a named moment just after a backup, for a restored copy to be
compared with.

The count is exact also while others write. The snapshot that is counted in sees what had committed
at the restore point, no more and no less, when no transaction was under way: none of those with a
number when the snapshot was taken, and none that got one until after the point was made. Such an
instant is waited for; when none comes, what changed meanwhile is the slack.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from howdah.foundation.evidence import evidence_of, keep_evidence
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import BACKUP
from howdah.operations.roles.connect import Connection, connect_directly

ATTEMPTS = 60
PAUSE_SECONDS = 0.015
STATISTICS_SECONDS = 11.0
"""A session reports what it changed at the latest when it was idle for 10 s."""

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\\_t%'
    ORDER BY 1, 2
"""
SNAPSHOT = """
    SELECT pg_snapshot_xmin(found)::text, pg_snapshot_xmax(found)::text
    FROM pg_current_snapshot() AS found
"""
POINT = "SELECT pg_create_restore_point(%s)::text, now()"
# The number after the snapshot's last shows that nobody else has taken it.
FOLLOWING = "SELECT pg_current_xact_id()::text"
SWITCH = "SELECT pg_switch_wal()"
CHANGES = """
    SELECT schemaname || '.' || relname, n_tup_ins + n_tup_del FROM pg_stat_user_tables
"""
A_DOCUMENT = """
    SELECT id, org_id, md5(content) FROM public.documents
    WHERE deleted_at IS NULL ORDER BY id DESC LIMIT 1
"""
A_USER = """
    SELECT id, md5(password_hash) FROM public.users
    WHERE password_hash IS NOT NULL AND disabled_at IS NULL ORDER BY id LIMIT 1
"""

A_DOCUMENT_BY_ID = "SELECT id, org_id, md5(content) FROM public.documents WHERE id = %s"
A_USER_BY_ID = "SELECT id, md5(password_hash) FROM public.users WHERE id = %s"
DOCUMENT = ("id", "org_id", "content_md5")
USER = ("id", "password_hash_md5")


@dataclass(frozen=True)
class Counts:
    """Rows of every table at a restore point, and a few things that were there."""

    backup: str
    point: str
    """The restore point's name."""
    lsn: str
    counted_at: str
    rows: Mapping[str, int]
    slack: Mapping[str, int]
    """Table → by how many rows the count may be off; empty when it is exact."""
    document: Mapping[str, Any] | None
    """`id`, `org_id`, `content_md5` of a document."""
    user: Mapping[str, Any] | None
    """`id`, `password_hash_md5` of somebody who can sign in."""


def record_counts(settings: Settings, label: str) -> Path:
    """Make a restore point after the backup of that label, count, and keep it as evidence.

    Then has the WAL closed, so that the point is in the archive soon. Raises Unavailable.
    """
    with (
        connect_directly(settings, BACKUP) as connection,
        connect_directly(settings, BACKUP, "postgres") as other,  # where it has the right to do so
    ):
        counts = _counted(connection, other, label)
        other.execute(SWITCH)
    return keep_evidence(settings.layout.backup_counts, label, asdict(counts))


def counts_of(settings: Settings, label: str) -> Counts | None:
    """What was recorded with that backup."""
    names = Counts.__dataclass_fields__
    for kept in evidence_of(settings.layout.backup_counts, label):
        if names.keys() <= kept.document.keys():
            return Counts(**{name: kept.document[name] for name in names})
    return None


def _counted(connection: Connection, other: Connection, label: str) -> Counts:
    connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
    changes, name = _changes(connection), f"howdah_{label}_{time.time_ns()}"
    for attempt in range(1, ATTEMPTS + 1):
        with connection.transaction():
            oldest, next_one = connection.execute(SNAPSHOT).fetchone() or ("", "")
            point = f"{name}_{attempt}"  # a second one of a name would never be reached
            lsn, moment = other.execute(POINT, (point,)).fetchone() or ("", "")
            following = other.execute(FOLLOWING).fetchone()
            exact = following == (next_one,) and oldest == next_one
            if exact or attempt == ATTEMPTS:
                counts = _count(connection, label, point, lsn, str(moment))
                break
        time.sleep(PAUSE_SECONDS)
    return counts if exact else replace(counts, slack=_slack(connection, changes))


def _count(connection: Connection, label: str, point: str, lsn: str, moment: str) -> Counts:
    return Counts(
        backup=label,
        point=point,
        lsn=lsn,
        counted_at=moment,
        rows=count_rows(connection),
        slack={},
        document=_named(connection.execute(A_DOCUMENT).fetchone(), *DOCUMENT),
        user=_named(connection.execute(A_USER).fetchone(), *USER),
    )


def count_rows(connection: Connection) -> dict[str, int]:
    """Table → rows, of every table that is not PostgreSQL's own."""
    found = {}
    for schema, name in connection.execute(TABLES).fetchall():
        row = connection.execute(
            sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(schema, name))
        ).fetchone()
        found[f"{schema}.{name}"] = int(row[0]) if row else 0
    return found


def _named(row: tuple[Any, ...] | None, *names: str) -> dict[str, Any] | None:
    return dict(zip(names, row, strict=True)) if row else None


def _changes(connection: Connection) -> dict[str, int]:
    return dict(connection.execute(CHANGES).fetchall())


def _slack(connection: Connection, before: Mapping[str, int]) -> dict[str, int]:
    """What was inserted and deleted since, by table."""
    time.sleep(STATISTICS_SECONDS)
    after = _changes(connection)
    return {name: count - before.get(name, 0) for name, count in after.items()
            if count != before.get(name, 0)}  # fmt: skip
