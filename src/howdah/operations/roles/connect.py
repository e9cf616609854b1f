"""Connections straight to PostgreSQL, around PgBouncer: for migrations and operations only."""

from collections.abc import Mapping
from types import MappingProxyType

import psycopg
from psycopg.rows import TupleRow

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member

Connection = psycopg.Connection[TupleRow]

CONNECT_TIMEOUT_SECONDS = 5
NO_PARAMETERS: Mapping[str, str] = MappingProxyType({})


def connect_directly(
    settings: Settings,
    role: str,
    database: str | None = None,
    parameters: Mapping[str, str] = NO_PARAMETERS,
) -> Connection:
    """An autocommit connection to PostgreSQL itself, without prepared statements.

    `database` is the product's unless given; `parameters` hold for the session and come back
    with RESET. The caller closes it. Raises Unavailable.
    """
    topology = settings.topology
    host, port = topology.postgresql_host, topology.ports.postgresql
    return _connect(settings, host, port, role, database, parameters)


def connect_member(
    settings: Settings, member: Member, role: str = "postgres", database: str | None = None
) -> Connection:
    """The same to one member of the cluster, whatever its role there. Raises Unavailable."""
    return _connect(settings, member.host, member.port, role, database, NO_PARAMETERS)


def _connect(  # noqa: PLR0913, PLR0917  (what a connection needs)
    settings: Settings,
    host: str,
    port: int,
    role: str,
    database: str | None,
    parameters: Mapping[str, str],
) -> Connection:
    name = database or settings.topology.postgresql.database
    try:
        return psycopg.connect(
            host=host,
            port=port,
            user=role,
            password=settings.secret(role),
            dbname=name,
            application_name=f"howdah {role}",
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            options=" ".join(f"-c {name}={value}" for name, value in parameters.items()),
            autocommit=True,
            prepare_threshold=None,
            **settings.transport_security,
        )
    except psycopg.OperationalError as failure:
        raise Unavailable(
            f"PostgreSQL at {host}:{port} does not let {role} into {name}: {_first_line(failure)}.",
            hint="Start the stack with `./howdah up`; "
            "if it runs, `./howdah status` and `./howdah logs SERVICE` say more.",
        ) from failure


def _first_line(failure: psycopg.Error) -> str:
    """libpq's reason without the address that it repeats."""
    first = str(failure).strip().splitlines()[0]
    return first.rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")
