"""What ran, when and by whom: dbmate's own table, and beside it a ledger that is only added to.

`public.schema_migrations` says which versions the schema has, as dbmate writes it, so that either
tool continues the other's work. `migrations.ledger` says how it came to that. Entries are made by
the runner; where the two differ, another tool has worked, and the ledger adopts what it did.

Source of the first table: dbmate's PostgreSQL driver.
"""

from collections.abc import Sequence

from howdah.operations.migrations.files import Migration
from howdah.operations.migrations.history import (
    Direction,
    Entry,
    Event,
    Standing,
    standing_of,
)
from howdah.operations.migrations.operator import Operator
from howdah.operations.roles.connect import Connection

SCHEMA = "migrations"
"""Of the runner: no part of the product's schema, so not compared or dumped with it."""
ANOTHER_TOOL = "by another tool, such as dbmate; when and by whom is not known"

EXISTS = "SELECT to_regclass('public.schema_migrations'), to_regclass('migrations.ledger')"
CREATE_VERSIONS = """
    CREATE TABLE IF NOT EXISTS public.schema_migrations (version varchar NOT NULL PRIMARY KEY)
"""
CREATE = """
CREATE SCHEMA IF NOT EXISTS migrations;
CREATE TABLE migrations.ledger (
    id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at               timestamptz NOT NULL DEFAULT clock_timestamp(),
    version          varchar NOT NULL,
    name             text NOT NULL,
    direction        text NOT NULL CHECK (direction IN ('up', 'down')),
    event            text NOT NULL
                     CHECK (event IN ('begun', 'done', 'failed', 'adopted', 'accepted')),
    sha256           text CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    duration_seconds double precision,
    operator         text NOT NULL,
    database_role    text NOT NULL DEFAULT session_user,
    tool_version     text NOT NULL,
    note             text NOT NULL DEFAULT ''
);
CREATE FUNCTION migrations.refuse_change() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    RAISE EXCEPTION 'the ledger of migrations is only ever added to'
    USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER only_added_to BEFORE UPDATE OR DELETE OR TRUNCATE ON migrations.ledger
    FOR EACH STATEMENT EXECUTE FUNCTION migrations.refuse_change();
-- Also for a session that calls itself a replica, where ordinary triggers do not fire.
ALTER TABLE migrations.ledger ENABLE ALWAYS TRIGGER only_added_to;
REVOKE UPDATE, DELETE, TRUNCATE ON migrations.ledger FROM CURRENT_USER;
"""
ENTRIES = """
    SELECT at, version, name, direction, event, sha256, duration_seconds, operator,
           database_role, tool_version, note
    FROM migrations.ledger ORDER BY id
"""
ADD_VERSION = "INSERT INTO public.schema_migrations (version) VALUES (%s)"
REMOVE_VERSION = "DELETE FROM public.schema_migrations WHERE version = %s"
INSERT = """
    INSERT INTO migrations.ledger
        (version, name, direction, event, sha256, duration_seconds, operator, tool_version, note)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


def applied_versions(connection: Connection) -> frozenset[str]:
    """Every version that the schema has; none when nothing has ever run."""
    versions, _ = _existing(connection)
    if not versions:
        return frozenset()
    rows = connection.execute("SELECT version FROM public.schema_migrations").fetchall()
    return frozenset(version for (version,) in rows)


def read_entries(connection: Connection) -> tuple[Entry, ...]:
    """Every entry, oldest first; none when there is no ledger yet. Changes nothing."""
    _, ledger = _existing(connection)
    if not ledger:
        return ()
    rows = connection.execute(ENTRIES).fetchall()
    return tuple(Entry(*row) for row in rows)


def adoptions(
    entries: Sequence[Entry], versions: frozenset[str]
) -> tuple[tuple[str, Direction], ...]:
    """What another tool did since the last entry: taken back, newest first, then brought."""
    known = [ran.version for ran in standing_of(entries)]
    gone: list[tuple[str, Direction]] = [
        (version, "down") for version in reversed(known) if version not in versions
    ]
    come = sorted(versions.difference(known), key=lambda version: (len(version), version))
    return (*gone, *((version, "up") for version in come))


class Ledger:
    """Writes entries in the name of one operator, in the caller's transaction if there is one."""

    def __init__(self, connection: Connection, operator: Operator) -> None:
        self._connection = connection
        self._operator = operator

    def create(self) -> None:
        """Create what is missing of both tables."""
        versions, ledger = _existing(self._connection)
        with self._connection.transaction():
            if not versions:
                self._connection.execute(CREATE_VERSIONS)
            if not ledger:
                self._connection.execute(CREATE)

    def adopt(self, migrations: Sequence[Migration]) -> tuple[tuple[str, Direction], ...]:
        """Enter what another tool did, with the hash of the file as it is now."""
        files = {item.version: item for item in migrations}
        with self._connection.transaction():
            versions = applied_versions(self._connection)
            found = adoptions(read_entries(self._connection), versions)
            for version, direction in found:
                file = files.get(version)
                self._insert(
                    *(version, file.name if file else version, direction, Event.ADOPTED),
                    *(file.sha256 if file else None, None, ANOTHER_TOOL),
                )
        return found

    def standing(self) -> tuple[Standing, ...]:
        """What has run and was not taken back, in the order it ran."""
        return standing_of(self.entries())

    def entries(self) -> tuple[Entry, ...]:
        """Every entry, oldest first."""
        return read_entries(self._connection)

    def begin(self, migration: Migration, direction: Direction) -> None:
        """Enter that it starts, where it cannot be in one transaction with its end."""
        self._enter(migration, direction, Event.BEGUN, None)

    def fail(self, migration: Migration, direction: Direction, seconds: float, why: str) -> None:
        """Enter that what began has failed."""
        self._enter(migration, direction, Event.FAILED, seconds, why)

    def finish(
        self, migration: Migration, direction: Direction, seconds: float, note: str = ""
    ) -> None:
        """Enter that it is done, here and in dbmate's table. In the caller's transaction."""
        self._connection.execute(
            ADD_VERSION if direction == "up" else REMOVE_VERSION, (migration.version,)
        )
        self._enter(migration, direction, Event.DONE, seconds, note)

    def accept(self, migration: Migration, reason: str) -> None:
        """Enter that the file as it is now stands for what ran."""
        self._enter(migration, "up", Event.ACCEPTED, None, reason)

    def _enter(
        self,
        migration: Migration,
        direction: Direction,
        event: Event,
        seconds: float | None,
        note: str = "",
    ) -> None:
        self._insert(
            *(migration.version, migration.name, direction, event),
            *(migration.sha256, seconds, note),
        )

    def _insert(self, *values: object) -> None:
        *described, note = values
        named = (self._operator.name, self._operator.tool_version)
        self._connection.execute(INSERT, (*described, *named, note))


def _existing(connection: Connection) -> tuple[bool, bool]:
    """Whether dbmate's table and the ledger are there."""
    row = connection.execute(EXISTS).fetchone()
    assert row is not None
    return row[0] is not None, row[1] is not None
