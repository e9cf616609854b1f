"""What it costs to find that there is nothing to do, after a long history of migrations."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from statistics import median
from urllib.parse import quote

from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace, elsewhere
from howdah.foundation.settings import CHECKOUT, Settings, load_settings
from howdah.operations.migrations import migrate_up, migration_status
from howdah.operations.roles.catalog import OWNER, SUPERUSER
from howdah.operations.roles.connect import connect_directly
from howdah.operations.roles.provision import provision_database

SUMMARY = "migrate up with nothing to do, after 1,000 migrations"
NEEDS = None  # a PostgreSQL of its own

PORT_DISTANCE = 250
MIGRATIONS = 1_000
LIMIT_SECONDS = 0.5
BYTES_OF_OURS = 4_800
"""The mean size of the product's own files, which the generated ones have too."""
PROGRAM = "from benchmarks.programs.migrations import up_in; import sys; up_in(*sys.argv[1:])"
DBMATE = Path(sys.executable).with_name("dbmate")


def run(workspace: Workspace) -> Report:
    """One history of 1,000 files and one of none, asked in turns."""
    own = elsewhere(workspace, "migrations", PORT_DISTANCE)
    own.howdah("up", "--services", "postgresql")
    try:
        long, none = (_history(own, count) for count in (MIGRATIONS, 0))
        own.say(f"running {MIGRATIONS} migrations")
        first = _timed(lambda: migrate_up(long))
        subjects: dict[str, Callable[[], object]] = {
            "up, within the program": lambda: migrate_up(long),
            "status, within the program": lambda: migration_status(long),
            "up, the whole program": lambda: _whole(own, long),
            "up, the whole program, no migrations": lambda: _whole(own, none),
        }
        if DBMATE.exists():
            subjects["dbmate migrate, the whole program"] = lambda: _dbmate(long)
        times = _in_turns(subjects, workspace.rounds)
    finally:
        own.howdah("down")
        shutil.rmtree(own.settings.home.with_name("migrations-files"), ignore_errors=True)
    return _report(times, first)


def up_in(checkout: str, database: str) -> None:
    """What the command does, for a folder and a database of one's own."""
    migrate_up(_settings(load_settings(), Path(checkout), database))


def _history(own: Workspace, count: int) -> Settings:
    """A database of its own, and a folder with so many files."""
    database = f"history_of_{count}"
    checkout = own.settings.home.with_name("migrations-files") / database
    folder = checkout / "migrations"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for number in range(1, count + 1):
        (folder / f"{number:03d}_add_things_{number}.sql").write_text(_text(number))
    with connect_directly(own.settings, SUPERUSER, "postgres") as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {database}".encode())
    provision_database(own.settings, database)
    return _settings(own.settings, checkout, database)


def _settings(settings: Settings, checkout: Path, database: str) -> Settings:
    postgresql = replace(settings.topology.postgresql, database=database)
    topology = replace(settings.topology, postgresql=postgresql)
    return replace(settings, checkout=checkout, topology=topology)


def _text(number: int) -> str:
    """A table, an index and a function, as long as our own files are."""
    table = f"things_{number}"
    up = (
        f"CREATE TABLE {table} (id integer PRIMARY KEY, name text NOT NULL);\n"
        f"CREATE INDEX {table}_name ON {table}(name);\n"
        f"CREATE FUNCTION of_{table}(text) RETURNS integer LANGUAGE plpgsql AS $$\nBEGIN\n"
        f"    RETURN (SELECT id FROM {table} WHERE name = $1);\nEND\n$$;\n"
    )
    line = f"COMMENT ON TABLE {table} IS 'What the things of this migration are there for.';\n"
    up += line * ((BYTES_OF_OURS - len(up)) // len(line))
    return f"-- migrate:up\n{up}\n-- migrate:down\nDROP FUNCTION of_{table};\nDROP TABLE {table};\n"


def _in_turns(subjects: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Every subject once in each round; the first round is not counted."""
    times: dict[str, list[float]] = {name: [] for name in subjects}
    for _ in range(rounds + 1):
        for name, work in subjects.items():
            times[name].append(_timed(work))
    return {name: found[1:] for name, found in times.items()}


def _whole(own: Workspace, settings: Settings) -> None:
    arguments = [str(settings.checkout), settings.topology.postgresql.database]
    subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, *arguments],
        env={**own.environ, "PYTHONPATH": f"{CHECKOUT / 'src'}{os.pathsep}{CHECKOUT}"},
        check=True,
    )


def _dbmate(settings: Settings) -> None:
    """The address travels in the environment."""
    postgresql = settings.topology.postgresql
    account = f"{OWNER}:{quote(settings.secret(OWNER), safe='')}"
    place = f"{postgresql.host}:{postgresql.port}/{postgresql.database}"
    subprocess.run(
        [DBMATE, "--migrations-dir", settings.migrations, "--no-dump-schema", "migrate"],
        env={"DATABASE_URL": f"postgres://{account}@{place}?sslmode=disable"},
        check=True,
        capture_output=True,
    )


def _timed(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def _report(times: dict[str, list[float]], first: float) -> Report:
    overhead = [
        with_all - with_none
        for with_all, with_none in zip(
            times["up, the whole program"],
            times["up, the whole program, no migrations"],
            strict=True,
        )
    ]
    return Report(
        name="migrations",
        title=f"`howdah migrate up` with nothing to do, {MIGRATIONS:,} migrations",
        columns=("what", "seconds, median", "slowest", "rounds"),
        rows=[(name, median(found), max(found), len(found)) for name, found in times.items()],
        promises=[
            Promise(
                "up with nothing to do, within the program",
                median(times["up, within the program"]),
                LIMIT_SECONDS,
                unit=" s",
            ),
            Promise(
                "up with nothing to do, the whole program, more than with no migrations",
                median(overhead),
                LIMIT_SECONDS,
                unit=" s",
            ),
        ],
        notes=[
            f"Files of {BYTES_OF_OURS:,} bytes, the mean of ours. To run them all the first time "
            f"took {first:.0f} s.",
            "Every file is read and hashed each time; only those that have not run are parsed.",
        ],
    )
