"""Fixtures of background work: nothing here touches what the developer's stack does.

pooled       settings that lead to a migrated database of our own, through a PgBouncer of our own
background   that, with a Redis of the test's own and a clean queue
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import pytest
from psycopg import sql

from howdah.foundation.database import Database
from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_up
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly
from howdah.operations.roles.provision import provision_database, provision_roles
from tests.jobs.background import Background, RedisServer, admin_of, pooler, with_ports


@pytest.fixture(scope="session")
def pooled(settings: Settings) -> Iterator[Settings]:
    """A database and its pooler, for the whole session."""
    name = f"howdah_jobs_{uuid4().hex[:12]}"
    provision_roles(settings)
    postgresql = replace(settings.topology.postgresql, database=name)
    own_settings = replace(settings, topology=replace(settings.topology, postgresql=postgresql))
    provision_database(own_settings, name)
    try:
        migrate_up(own_settings)
        with pooler(own_settings) as through_pooler:
            yield through_pooler
    finally:
        with connect_directly(settings, SUPERUSER, "postgres") as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(name)))


@pytest.fixture
def background(pooled: Settings, tmp_path: Path) -> Iterator[Background]:
    """An empty queue, a running Redis, and processes that end with the test."""
    redis = RedisServer(tmp_path, pooled.secret("redis"))
    redis.start()
    settings = with_ports(pooled, redis=redis.port)
    database = Database.open(settings, size=4, application_name="tests")
    with admin_of(settings) as admin:
        admin.execute("TRUNCATE outbox, cron_runs, jobs, job_files")
        background = Background(settings, database, redis, admin, tmp_path)
        yield background
        for program in background.started:
            if program.process.poll() is None:
                program.kill()
    database.close()
    redis.stop()
