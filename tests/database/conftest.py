"""Databases for tests: one template, migrated once by our own runner, and clones of it.

owner, acting_as   one connection to a shared clone, rolled back after the test
app                app_write logged in to the same clone, rolled back too (sees committed rows only)
fresh_database     the settings of a clone of one's own, for tests that commit or migrate
empty_database     the same without any migration
schema_of          the schema of a database as sorted text, to compare
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql

from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_up
from howdah.operations.migrations.ledger import SCHEMA as BOOKKEEPING
from howdah.operations.roles.catalog import OWNER, SUPERUSER, WRITER
from howdah.operations.roles.connect import Connection, connect_directly
from howdah.operations.roles.provision import provision_database, provision_roles

ActingAs = Callable[[str], AbstractContextManager[Connection]]
SchemaOf = Callable[[Settings], str]


@pytest.fixture(scope="session")
def template(settings: Settings) -> Iterator[Settings]:
    """A migrated database that nobody connects to: connections would forbid cloning it."""
    provision_roles(settings)
    with _database(settings) as target:
        provision_database(target, target.topology.postgresql.database)
        migrate_up(target)
        yield target


@pytest.fixture(scope="session")
def clone(template: Settings) -> Iterator[Settings]:
    """The clone that all tests share which roll back what they do."""
    with _clone(template) as target:
        yield target


@pytest.fixture
def fresh_database(template: Settings) -> Iterator[Settings]:
    """A clone of this test's own, dropped afterwards."""
    with _clone(template) as target:
        yield target


@pytest.fixture
def empty_database(template: Settings) -> Iterator[Settings]:
    """A provisioned database without any migration, dropped afterwards."""
    with _database(template) as target:
        provision_database(target, target.topology.postgresql.database)
        yield target


@pytest.fixture
def owner(clone: Settings) -> Iterator[Connection]:
    """The schema's owner in a transaction that is rolled back."""
    with connect_directly(clone, SUPERUSER) as connection:
        # Logged in as the superuser so that acting_as can become any role within one transaction.
        connection.execute(f"SET SESSION AUTHORIZATION {OWNER}")
        connection.autocommit = False
        yield connection
        connection.rollback()


@pytest.fixture
def acting_as(owner: Connection) -> ActingAs:
    """`with acting_as("app_write") as app:` is the owner's transaction with that role's rights."""

    @contextmanager
    def act(role: str) -> Iterator[Connection]:
        owner.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
        yield owner
        # After a failed statement the rollback that follows undoes the change of role as well.
        if owner.info.transaction_status != psycopg.pq.TransactionStatus.INERROR:
            owner.execute(f"SET SESSION AUTHORIZATION {OWNER}")

    return act


@pytest.fixture
def app(clone: Settings) -> Iterator[Connection]:
    """app_write, logged in as the application is, in a transaction that is rolled back."""
    with connect_directly(clone, WRITER) as connection:
        connection.autocommit = False
        yield connection
        connection.rollback()


@pytest.fixture(scope="session")
def schema_of() -> SchemaOf:
    """What `pg_dump --schema-only` says, without what may differ between equal schemas."""
    return _schema


@contextmanager
def _database(settings: Settings) -> Iterator[Settings]:
    """Settings that lead to a database that does not exist yet; dropped at the end."""
    name = f"howdah_test_{uuid4().hex[:12]}"
    topology = settings.topology
    postgresql = replace(topology.postgresql, database=name)
    try:
        yield replace(settings, topology=replace(topology, postgresql=postgresql))
    finally:
        _run_as_admin(settings, sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)"), name)


@contextmanager
def _clone(template: Settings) -> Iterator[Settings]:
    with _database(template) as target:
        names = (target.topology.postgresql.database, template.topology.postgresql.database, OWNER)
        _run_as_admin(template, sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}"), *names)
        grants = sql.SQL("REVOKE ALL ON DATABASE {0} FROM PUBLIC")
        _run_as_admin(template, grants, names[0])
        grants = sql.SQL("GRANT CONNECT ON DATABASE {0} TO app_write, app_read")
        _run_as_admin(template, grants, names[0])
        yield target


def _run_as_admin(settings: Settings, statement: sql.SQL, *names: str) -> None:
    with connect_directly(settings, SUPERUSER, "postgres") as connection:
        connection.execute(statement.format(*map(sql.Identifier, names)))


def _schema(settings: Settings) -> str:
    """The columns of a table are sorted: a column taken back and added again comes last.

    What the runner keeps for itself is left out; it is there before the first migration too.
    """
    dump = re.sub(r"^(--.*|\\(?:un)?restrict .*|)\n", "", _pg_dump(settings), flags=re.MULTILINE)
    return re.sub(r"(?<=\(\n)((?:    [^\n]+\n)+)(?=\)[^\n]*;)", _sorted_lines, dump)


def _sorted_lines(body: re.Match[str]) -> str:
    return "".join(sorted(line.rstrip(",") + "\n" for line in body[0].splitlines()))


def _pg_dump(settings: Settings) -> str:
    postgresql = settings.topology.postgresql
    program = shutil.which("pg_dump") or str(Path("/usr/lib/postgresql/15/bin/pg_dump"))
    command = [program, "--schema-only", "--exclude-table=public.schema_migrations"]
    command.append(f"--exclude-schema={BOOKKEEPING}")
    address = ["--host", postgresql.host, "--port", str(postgresql.port), "--username", SUPERUSER]
    return subprocess.run(
        [*command, *address, postgresql.database],
        env={"PGPASSWORD": settings.secret(SUPERUSER)},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
