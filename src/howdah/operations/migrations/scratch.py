"""Databases made for a moment on the stack's own PostgreSQL, and dropped again."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from uuid import uuid4

import psycopg
from psycopg import sql

from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection, connect_directly
from howdah.operations.roles.provision import provision_database

PREFIX = "howdah_scratch_"
LOCK_CLASS = 0x686F_7764
"""First half of the advisory locks that say a scratch database is still somebody's."""
OURS = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
KEEP = "SELECT pg_advisory_lock(%s, hashtext(%s))"
FORSAKEN = "SELECT pg_try_advisory_lock(%s, hashtext(%s))"
LET_GO = "SELECT pg_advisory_unlock(%s, hashtext(%s))"


@contextmanager
def scratch_database(settings: Settings) -> Iterator[Settings]:
    """Settings that lead to a new database, provisioned as the product's and without a migration.

    Dropped at the end; what a killed command left behind is dropped by the next one. Raises
    Unavailable.
    """
    name = f"{PREFIX}{uuid4().hex[:12]}"
    with connect_directly(settings, SUPERUSER, "postgres") as keeper:
        _drop_forsaken(keeper)
        keeper.execute(KEEP, (LOCK_CLASS, name))
        target = leading_to(settings, name)
        try:
            provision_database(target, name)
            yield target
        finally:
            # Without PostgreSQL nothing can be dropped; the next command does it then.
            with suppress(psycopg.OperationalError):
                _drop(keeper, name)


def leading_to(settings: Settings, database: str) -> Settings:
    """The same settings for another database of the same server."""
    topology = settings.topology
    postgresql = replace(topology.postgresql, database=database)
    return replace(settings, topology=replace(topology, postgresql=postgresql))


def _drop_forsaken(keeper: Connection) -> None:
    """A scratch database belongs to a session that holds its lock; without one to nobody."""
    for (name,) in keeper.execute(OURS, (PREFIX,)).fetchall():
        if keeper.execute(FORSAKEN, (LOCK_CLASS, name)).fetchone() == (True,):
            _drop(keeper, name)
            keeper.execute(LET_GO, (LOCK_CLASS, name))


def _drop(keeper: Connection, name: str) -> None:
    keeper.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
