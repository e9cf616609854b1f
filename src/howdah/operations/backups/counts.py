"""What was in the database at a named moment just after a backup, for a restored copy to be
compared with.

The count is exact also while others write: the snapshot that is counted in sees exactly what had
committed at the restore point when no transaction was under way, and none ended between the two.
Such an instant is waited for; when none comes, what changed meanwhile is the slack.
"""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
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
STATISTICS_SECONDS = 1.2
"""Sessions report what they changed at most once a second."""

TABLES = """
    SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      AND n.nspname NOT LIKE 'pg\\_t%'
    ORDER BY 1, 2
"""
SNAPSHOT = "SELECT pg_current_snapshot()::text"
POINT = "SELECT pg_create_restore_point(%s)::text, now()"
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
    changes = _changes(connection)
    for attempt in range(1, ATTEMPTS + 1):
        point = f"howdah_{label}_{attempt}"
        with connection.transaction():
            snapshot = connection.execute(SNAPSHOT).fetchone() or ("",)
            lsn, moment = other.execute(POINT, (point,)).fetchone() or ("", "")
            still = other.execute(SNAPSHOT).fetchone()
            exact = still == snapshot and _nothing_under_way(snapshot[0])
            if exact or attempt == ATTEMPTS:
                return Counts(
                    backup=label,
                    point=point,
                    lsn=lsn,
                    counted_at=str(moment),
                    rows=count_rows(connection),
                    document=_named(connection.execute(A_DOCUMENT).fetchone(), *DOCUMENT),
                    user=_named(connection.execute(A_USER).fetchone(), *USER),
                    slack={} if exact else _slack(connection, changes),
                )
        time.sleep(PAUSE_SECONDS)
    raise AssertionError("the last attempt returns")


def _nothing_under_way(snapshot: str) -> bool:
    """`xmin:xmax:…`: equal when every transaction that has a number has ended."""
    oldest, following, _ = snapshot.split(":")
    return oldest == following


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
