"""The versions that have run: dbmate's own table, so that either tool continues the other's work.

Source: dbmate's PostgreSQL driver, `"public"."schema_migrations"`.
"""

from howdah.operations.roles.connect import Connection


def create_ledger(connection: Connection) -> None:
    """Create the table where it is missing."""
    if not _exists(connection):
        connection.execute(
            "CREATE TABLE IF NOT EXISTS public.schema_migrations "
            "(version varchar NOT NULL PRIMARY KEY)"
        )


def applied_versions(connection: Connection) -> frozenset[str]:
    """Every version that has run; none when there is no ledger yet."""
    if not _exists(connection):
        return frozenset()
    rows = connection.execute("SELECT version FROM public.schema_migrations").fetchall()
    return frozenset(version for (version,) in rows)


def record(connection: Connection, version: str) -> None:
    """Note that this version has run, in the caller's transaction."""
    connection.execute("INSERT INTO public.schema_migrations (version) VALUES (%s)", (version,))


def forget(connection: Connection, version: str) -> None:
    """Note that this version was taken back, in the caller's transaction."""
    connection.execute("DELETE FROM public.schema_migrations WHERE version = %s", (version,))


def _exists(connection: Connection) -> bool:
    row = connection.execute("SELECT to_regclass('public.schema_migrations') IS NOT NULL")
    return row.fetchone() == (True,)
