"""A rehearsal from the copy to the report."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from psycopg import sql

from howdah.foundation.settings import Settings
from howdah.operations.migrations.dump import comparable, dump_schema
from howdah.operations.migrations.execute import WATCH
from howdah.operations.migrations.files import Migration, read_migrations
from howdah.operations.migrations.masking import mask
from howdah.operations.migrations.plan import find_migration
from howdah.operations.migrations.rehearse.copies import copy_dump, copy_live
from howdah.operations.migrations.rehearse.load import Load, summary, under_load
from howdah.operations.migrations.rehearse.report import QueryReport, Rehearsal
from howdah.operations.migrations.rehearse.restored import restored_copy
from howdah.operations.migrations.rehearse.watch import Watcher
from howdah.operations.migrations.run import migrate_down, migrate_up
from howdah.operations.migrations.scratch import scratch_database
from howdah.operations.migrations.session import Report
from howdah.operations.migrations.status import migration_status
from howdah.operations.restores.target import Target
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly

LARGEST = """
    SELECT oid::regclass::text, greatest(reltuples, 0)::bigint FROM pg_class
    WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    ORDER BY reltuples DESC, 1 LIMIT 8
"""
MOST_FAILURES = 10


@dataclass(frozen=True)
class Plan:
    """What to rehearse on, and under which load."""

    dump: Path | None = None
    """A dump to restore instead of a copy of the live database."""
    backup: Target | None = None
    """A moment to restore to from the backups, likewise."""
    to: str | None = None
    masked: bool = True
    clients: int = 4
    requests_per_second: float = 50.0
    warm_up_seconds: float = 2.0
    """How long the load runs alone, to compare with."""
    longest_query_seconds: float = 1.0
    """A query of the application that takes longer fails the rehearsal."""


def rehearse(settings: Settings, plan: Plan, report: Report) -> Rehearsal:
    """Copy, mask, and run what is pending up, down and up again, under load.

    Raises InvalidInput, MigrationFileInvalid, MigrationFailed, MigrationsDisagree, ProcessFailed,
    Unavailable, and from a backup what a restore raises. The copy is dropped in any case.
    """
    with _copied(settings, plan, report) as (target, source):
        masked = {}
        if plan.masked:
            report("masking personal data")
            masked = mask(target)
        _count_everything(target)
        pending = _pending(target, plan.to)
        found = Rehearsal(source, masked, _largest(target), (), (), (), (), (), ())
        return _under_load(target, plan, pending, found, report) if pending else found


@contextmanager
def _copied(settings: Settings, plan: Plan, report: Report) -> Iterator[tuple[Settings, str]]:
    """Settings that lead to the copy, and what it is."""
    if plan.backup:
        with restored_copy(settings, plan.backup, report) as copy:
            yield copy
        return
    with scratch_database(settings) as target:
        report("copying")
        yield target, copy_dump(plan.dump, target) if plan.dump else copy_live(settings, target)


def _under_load(
    target: Settings, plan: Plan, pending: list[Migration], found: Rehearsal, report: Report
) -> Rehearsal:
    """What was found, with what the migrations did and what the load noticed."""
    with under_load(target, plan.clients, plan.requests_per_second) as load:
        time.sleep(plan.warm_up_seconds if load.queries else 0.0)
        alone_until = time.monotonic()
        watcher = Watcher(target, load)
        try:
            problems = _there_and_back(target, pending, watcher, report)
        finally:
            watcher.close()
    before = [one for one in load.asked if one.at + one.seconds < alone_until]
    meanwhile = load.between(alone_until, time.monotonic())
    failures = sorted({one.failure for one in meanwhile if one.failure})
    queries = summary(meanwhile)
    return replace(
        found,
        pending=tuple(item.name for item in pending),
        statements=tuple(watcher.reports()),
        before=summary(before),
        meanwhile=queries,
        failures=tuple(failures[:MOST_FAILURES]),
        problems=(*problems, *_judged(load, queries, plan)),
    )


def _count_everything(target: Settings) -> None:
    """Let pg_stat_statements count DDL as well, in sessions of the copy from now on."""
    name = sql.Identifier(target.topology.postgresql.database)
    with connect_directly(target, SUPERUSER) as connection:
        connection.execute(
            sql.SQL("ALTER DATABASE {} SET pg_stat_statements.track_utility = on").format(name)
        )


def _there_and_back(
    target: Settings, pending: list[Migration], watcher: Watcher, report: Report
) -> list[str]:
    """Up, down and up again; what is wrong with the ways."""
    before, last = _schema(target), pending[-1].version
    _watched(watcher, "up", lambda: migrate_up(target, last, report=report))
    after = _schema(target)
    if any(item.irreversible for item in pending):
        return []
    _watched(watcher, "down", lambda: migrate_down(target, steps=len(pending), report=report))
    problems = ["DOWN does not bring the schema back"] if _schema(target) != before else []
    _watched(watcher, "up again", lambda: migrate_up(target, last, report=report))
    if _schema(target) != after:
        problems.append("UP again does not bring the same schema as UP")
    return problems


def _watched(watcher: Watcher, direction: str, way: Callable[[], object]) -> None:
    watcher.direction = direction
    token = WATCH.set(watcher)
    try:
        way()
    finally:
        WATCH.reset(token)


def _judged(load: Load, queries: tuple[QueryReport, ...], plan: Plan) -> list[str]:
    """What the application would have had to say about it."""
    if not load.queries:
        return ["the copy has no documents, so the application's queries could not be tried"]
    problems = []
    if failed := sum(query.failed for query in queries):
        problems.append(f"{failed} queries of the application failed")
    slowest = max(queries, key=lambda query: query.slowest_seconds)
    if slowest.slowest_seconds > plan.longest_query_seconds:
        problems.append(
            f"`{slowest.name}` took {slowest.slowest_seconds:.2f} s; "
            f"{plan.longest_query_seconds:g} s is the limit"
        )
    return problems


def _pending(target: Settings, to: str | None) -> list[Migration]:
    """What `up` would run on the copy."""
    migrations = read_migrations(target.migrations)
    last = migrations[-1] if to is None else find_migration(migrations, to)
    names = migration_status(target).pending
    return [item for item in migrations if item.name in names and item.number <= last.number]


def _schema(target: Settings) -> str:
    return comparable(dump_schema(target))


def _largest(target: Settings) -> dict[str, int]:
    with connect_directly(target, SUPERUSER) as connection:
        return {name: rows for name, rows in connection.execute(LARGEST).fetchall() if rows}
