"""What tests of recoveries share: markers in the database, commands, and killing them halfway."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from psycopg import sql

from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly

TIMEOUT_SECONDS = 180


def howdah(*words: str) -> subprocess.CompletedProcess[str]:
    """A command, run to its end."""
    return subprocess.run(
        _command(*words),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        stdin=subprocess.DEVNULL,
        check=False,
    )


def _command(*words: str) -> list[str]:
    return [sys.executable, "-P", "-m", "howdah.entrypoints.cli", *words]


def recorded(*words: str) -> dict[str, Any]:
    """A command that must succeed; its record."""
    finished = howdah(*words, "--json")
    assert finished.returncode == 0, finished.stderr
    found: dict[str, Any] = json.loads(finished.stdout)
    return found


def mark(settings: Settings, table: str, number: int) -> datetime:
    """Write a row, the first of them into a new table; a moment after its commit.

    Nothing that follows has that moment.
    """
    name = sql.Identifier(table)
    with connect_directly(settings, SUPERUSER) as connection:
        if number == 1:
            connection.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
        connection.execute(sql.SQL("CREATE TABLE IF NOT EXISTS {} (number int)").format(name))
        connection.execute(sql.SQL("INSERT INTO {} VALUES (%s)").format(name), [number])
        row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    time.sleep(0.01)
    moment: datetime = row[0]
    return moment


def marks(settings: Settings, table: str) -> list[int]:
    """The rows that are there."""
    query = sql.SQL("SELECT number FROM {} ORDER BY number").format(sql.Identifier(table))
    with connect_directly(settings, SUPERUSER) as connection:
        return [row[0] for row in connection.execute(query)]


def timeline(settings: Settings) -> int:
    """The primary's."""
    with connect_directly(settings, SUPERUSER) as connection:
        row = connection.execute("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)")
        found = row.fetchone()
    assert found is not None
    return int(found[0], 16)


def archived_until_now(settings: Settings) -> None:
    """What is written is in the archive."""
    with connect_directly(settings, SUPERUSER) as connection:
        connection.execute("SELECT pg_create_restore_point('archived until now')")
        row = connection.execute("SELECT pg_walfile_name(pg_switch_wal())").fetchone()
        query = "SELECT last_archived_wal >= %s FROM pg_stat_archiver"
        while row and connection.execute(query, row).fetchone() != (True,):
            time.sleep(0.05)


def pids(settings: Settings) -> dict[str, int]:
    """Program → PID."""
    states = Supervisor(settings.layout.supervisor_socket).states()
    return {name: state.pid for name, state in states.items() if state.running}


def notes(settings: Settings) -> dict[str, Any]:
    """What the unfinished recovery has noted; nothing when there is none."""
    for path in settings.layout.recovery.glob("*/state.json"):
        record = json.loads(path.read_text(encoding="utf-8"))
        if record["ended_at"] is None:
            found: dict[str, Any] = record["notes"]
            return found
    return {}


def killed_when(settings: Settings, reached: Callable[[dict[str, Any]], bool], *words: str) -> None:
    """Run a command, and kill -9 it as soon as it has noted something."""
    with subprocess.Popen(
        _command(*words), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + TIMEOUT_SECONDS
        while True:
            with suppress(ValueError, OSError):
                if reached(notes(settings)):
                    break
            assert process.poll() is None, process.stderr and process.stderr.read()
            assert time.monotonic() < deadline, f"{words} did not get there"
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)


def set_aside(settings: Settings) -> list[Path]:
    """Data directories that restores have set aside."""
    return sorted(settings.layout.data.glob("**/p*.before-*"))
