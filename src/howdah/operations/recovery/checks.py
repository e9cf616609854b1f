"""Look at a restored server before anybody uses it: queries of the product, indexes, checksums.

It only follows and takes no writes, so everything here reads. Could not be checked is no pass.
"""

import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

import psycopg

from howdah.foundation.errors import HowdahError
from howdah.foundation.processes.accounts import POSTGRESQL, as_account
from howdah.foundation.processes.run import ProcessFailed, run
from howdah.foundation.settings import Settings
from howdah.operations.cluster.reporting import Report
from howdah.operations.recovery.standalone import BINARIES, ENVIRONMENT, Standalone
from howdah.operations.roles.connect import Connection

WHOLE_DAY_SECONDS = 24 * 3600.0
TABLES = ("organizations", "users", "memberships", "documents", "jobs", "outbox")
COUNT = {name: f'SELECT count(*) FROM public."{name}"' for name in TABLES}  # noqa: S608  (ours)
HAS_TABLE = "SELECT to_regclass(%s) IS NOT NULL"
SCHEMA_VERSION = "SELECT max(version) FROM public.schema_migrations"
SIGN_IN = "SELECT count(*) FROM users WHERE password_hash <> ''"
NEWEST_DOCUMENT = "SELECT id, title FROM documents ORDER BY id DESC LIMIT 1"
SEARCH = """
    SELECT count(*) FROM documents
    WHERE search_vector @@ plainto_tsquery('english', %s)
"""
INVALID_INDEXES = "SELECT count(*) FROM pg_index WHERE NOT indisvalid"
HAS_AMCHECK = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'amcheck')"


@dataclass
class Findings:
    """What was found: `broken` fails the restore, `sentences` tell what was done."""

    broken: list[str] = field(default_factory=list)
    sentences: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def passed(self) -> bool:
        """Whether it may be used."""
        return not self.broken


def check_queries(open_connection: AbstractContextManager[Connection], found: Findings) -> None:
    """What the product asks: counts, who may sign in, a document, a search for it."""
    begun = time.monotonic()
    try:
        with open_connection as connection:
            found.figures["counts"] = _counts(connection)
            found.figures["schema_version"] = _value(connection, SCHEMA_VERSION)
            _try_queries(connection, found)
    except psycopg.Error as failure:
        found.broken.append(f"the product's queries fail: {str(failure).strip().splitlines()[0]}")
        return
    found.figures["queries_seconds"] = round(time.monotonic() - begun, 2)
    counts = ", ".join(f"{count} {name}" for name, count in found.figures["counts"].items())
    found.sentences.append(f"the product's queries answer: {counts}")


def _counts(connection: Connection) -> dict[str, int]:
    """Rows of the product's tables; of those that the schema of that time has."""
    counts = {}
    for table in TABLES:
        if _value(connection, HAS_TABLE, f"public.{table}"):
            counts[table] = int(_value(connection, COUNT[table]))
    return counts


def _try_queries(connection: Connection, found: Findings) -> None:
    counts = found.figures["counts"]
    for table in ("users", "organizations", "documents"):
        if table not in counts:
            found.broken.append(f"the table {table} is not there")
    if found.broken:
        return
    if counts["users"] and not _value(connection, SIGN_IN):
        found.broken.append("nobody could sign in: no user has a password")
    newest = connection.execute(NEWEST_DOCUMENT).fetchone()
    if newest and newest[1].strip():
        found.figures["search_hits"] = int(_value(connection, SEARCH, newest[1]))
    if invalid := _value(connection, INVALID_INDEXES):
        found.sentences.append(f"{invalid} indexes are marked invalid (a build was under way)")


def _value(connection: Connection, query: str, *values: object) -> Any:
    row = connection.execute(query.encode(), values).fetchone()
    return row[0] if row else None


def check_structure(settings: Settings, server: Standalone, found: Findings) -> None:
    """pg_amcheck where its extension is installed; it cannot be installed on a follower."""
    database = settings.topology.postgresql.database
    row = server.ask(HAS_AMCHECK, database)
    if not row or not row[0]:
        found.sentences.append("pg_amcheck was left out: the extension amcheck is not installed")
        return
    begun = time.monotonic()
    command = [str(BINARIES / "pg_amcheck"), "-h", str(server.place.sockets), "-U", "postgres"]
    command += ["-d", database, "-j", "2"]
    try:
        said = run(
            as_account(POSTGRESQL, command),
            cwd=server.data,
            env=ENVIRONMENT | {"PGPORT": "5432"},
            timeout_seconds=WHOLE_DAY_SECONDS,
            done=(0, 2),
        )
    except ProcessFailed as failure:
        found.broken.append(f"pg_amcheck could not run: {failure.message}")
        return
    found.figures["amcheck_seconds"] = round(time.monotonic() - begun, 1)
    if lines := said.strip().splitlines():
        found.broken.append(f"pg_amcheck finds damage: {lines[0]}")
        return
    found.sentences.append("pg_amcheck finds no damage in tables and indexes")


def check_checksums(server: Standalone, found: Findings) -> None:
    """Every page's checksum, of the stopped server."""
    begun = time.monotonic()
    command = [str(BINARIES / "pg_checksums"), "--check", "-D", str(server.data)]
    try:
        said = run(
            as_account(POSTGRESQL, command),
            cwd=server.data,
            env=ENVIRONMENT,
            timeout_seconds=WHOLE_DAY_SECONDS,
        )
    except ProcessFailed as failure:
        found.broken.append(f"checksums: {failure.message}")
        return
    found.figures["checksums_seconds"] = round(time.monotonic() - begun, 1)
    blocks = next((line for line in said.splitlines() if "Blocks scanned" in line), "")
    found.figures["blocks"] = int("".join(char for char in blocks if char.isdigit()) or 0)
    found.sentences.append(f"the checksums of {found.figures['blocks']} pages are right")


def check_restored(settings: Settings, server: Standalone, report: Report) -> Findings:
    """Everything; the server is stopped afterwards. Raises CommandFailed when it cannot run."""
    found = Findings()
    try:
        check_queries(server.connection(settings.topology.postgresql.database), found)
        check_structure(settings, server, found)
    except HowdahError as failure:
        found.broken.append(failure.message)
    server.stop()
    if found.passed:
        check_checksums(server, found)
    for sentence in (*found.sentences, *found.broken):
        report(sentence)
    return found
