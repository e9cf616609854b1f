"""Connections straight to PostgreSQL, around PgBouncer: for migrations and operations only."""

from collections.abc import Mapping
from types import MappingProxyType

import psycopg
from psycopg.rows import TupleRow

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings

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
    postgresql = settings.topology.postgresql
    port = settings.topology.ports.postgresql
    name = database or postgresql.database
    try:
        return psycopg.connect(
            host=postgresql.host,
            port=port,
            user=role,
            password=settings.secret(role),
            dbname=name,
            application_name=f"howdah {role}",
            connect_timeout=CONNECT_TIMEOUT_SECONDS,
            options=" ".join(f"-c {name}={value}" for name, value in parameters.items()),
            autocommit=True,
            prepare_threshold=None,
        )
    except psycopg.OperationalError as failure:
        raise Unavailable(
            f"PostgreSQL at {postgresql.host}:{port} does not let {role} into {name}: "
            f"{_first_line(failure)}.",
            hint="Start the stack with `./howdah up`; "
            "if it runs, `./howdah logs postgresql` says more.",
        ) from failure


def _first_line(failure: psycopg.Error) -> str:
    """libpq's reason without the address that it repeats."""
    first = str(failure).strip().splitlines()[0]
    return first.rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")
