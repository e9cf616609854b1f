"""Create the roles and the database, or bring them back to what the topology says.

Runs as the superuser, straight on PostgreSQL; running it again changes nothing.
"""

from psycopg import sql

from howdah.foundation.scram import role_verifier
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import (
    BACKUP,
    OWNER,
    READER,
    SUPERUSER,
    WRITER,
    Role,
    roles_of,
)
from howdah.operations.roles.connect import Connection, connect_directly

IS_MEMBER = "SELECT 1 WHERE pg_has_role(%s, %s, 'USAGE')"
MAY_CONNECT = "SELECT 1 WHERE has_database_privilege(%s, %s, 'CONNECT')"
MAY_CLOSE_SEGMENTS = "SELECT 1 WHERE has_function_privilege(%s, 'pg_switch_wal()', 'EXECUTE')"
CLOSES_SEGMENTS = sql.SQL("GRANT EXECUTE ON FUNCTION pg_switch_wal() TO {}")
# Functions of a backup, which PostgreSQL keeps for superusers. Rights to them are a database's.
MAY_BACK_UP = """
    SELECT 1 WHERE has_function_privilege(%s, 'pg_backup_start(text, boolean)', 'EXECUTE')
        AND has_function_privilege(%s, 'pg_create_restore_point(text)', 'EXECUTE')
"""
BACKS_UP = sql.SQL("""
    GRANT EXECUTE ON FUNCTION pg_backup_start(text, boolean), pg_backup_stop(boolean),
        pg_switch_wal(), pg_create_restore_point(text) TO {}
""")
SEES_EVERY_TENANT = sql.SQL("ALTER ROLE {} BYPASSRLS")
ATTRIBUTES = sql.SQL(
    "ALTER ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS INHERIT"
)


def provision_roles(settings: Settings) -> None:
    """Roles with their passwords and parameters, then the database they work in.

    Raises Unavailable when PostgreSQL cannot be reached or a secret is missing.
    """
    with connect_directly(settings, SUPERUSER, "postgres") as connection:
        for role in roles_of(settings.topology):
            _provision_role(connection, role, role_verifier(role.name, settings.secret(role.name)))
        if settings.topology.backup.enabled and not _exists(
            connection, MAY_BACK_UP, BACKUP, BACKUP
        ):
            connection.execute(BACKS_UP.format(sql.Identifier(BACKUP)))
    provision_database(settings, settings.topology.postgresql.database)


def provision_database(settings: Settings, database: str) -> None:
    """The database, owned by the owner and closed to everybody but the product's roles."""
    with connect_directly(settings, SUPERUSER, "postgres") as connection:
        _create_database(connection, database)
        if settings.topology.backup.enabled and not _exists(
            connection, MAY_CONNECT, BACKUP, database
        ):
            _let_in(connection, database, BACKUP)
    with connect_directly(settings, SUPERUSER, database) as connection:
        # Only a superuser may create this one; migrations create the trusted extensions.
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        if settings.topology.clustered:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pgaudit")
        # The scheduler closes segments of WAL through a function of the owner's (migration 047).
        if not _exists(connection, MAY_CLOSE_SEGMENTS, OWNER):
            connection.execute(CLOSES_SEGMENTS.format(sql.Identifier(OWNER)))


def _provision_role(connection: Connection, role: Role, verifier: str) -> None:
    with connection.transaction():
        # Two at once would fail on the unique name of the role; the second waits instead.
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('howdah roles'))")
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", role.name):
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role.name)))
        connection.execute(ATTRIBUTES.format(sql.Identifier(role.name)))
        if role.sees_every_tenant:
            connection.execute(SEES_EVERY_TENANT.format(sql.Identifier(role.name)))
        _set_password(connection, role.name, verifier)
        _set_parameters(connection, role)
        for group in role.groups:
            if not _exists(connection, IS_MEMBER, role.name, group):
                connection.execute(
                    sql.SQL("GRANT {} TO {}").format(
                        sql.Identifier(group), sql.Identifier(role.name)
                    )
                )


def _set_password(connection: Connection, role: str, verifier: str) -> None:
    """The verifier travels, never the password; an unchanged one is left alone."""
    query = "SELECT 1 FROM pg_authid WHERE rolname = %s AND rolpassword = %s"
    if not _exists(connection, query, role, verifier):
        connection.execute(
            sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(verifier))
        )


def _set_parameters(connection: Connection, role: Role) -> None:
    name = sql.Identifier(role.name)
    connection.execute(sql.SQL("ALTER ROLE {} RESET ALL").format(name))
    for parameter, value in role.settings.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                name, sql.Identifier(parameter), sql.Literal(value)
            )
        )


def _create_database(connection: Connection, database: str) -> None:
    name, owner = sql.Identifier(database), sql.Identifier(OWNER)
    if _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", database):
        connection.execute(sql.SQL("ALTER DATABASE {} OWNER TO {}").format(name, owner))
    else:
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} ENCODING 'UTF8' TEMPLATE template0").format(
                name, owner
            )
        )
    connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(name))
    _let_in(connection, database, WRITER, READER)


def _let_in(connection: Connection, database: str, *roles: str) -> None:
    connection.execute(
        sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(
            sql.Identifier(database), sql.SQL(", ").join(map(sql.Identifier, roles))
        )
    )


def _exists(connection: Connection, query: str, *values: str) -> bool:
    return connection.execute(query.encode(), values).fetchone() is not None
