"""A schema as text: `pg_dump --schema-only` without what may differ between equal schemas."""

import os
import re
from pathlib import Path

from howdah.foundation.processes.run import run
from howdah.foundation.rendering.patroni import POSTGRESQL_BINARIES
from howdah.foundation.settings import Settings
from howdah.operations.migrations.ledger import SCHEMA as BOOKKEEPING
from howdah.operations.roles.catalog import SUPERUSER

PG_DUMP = str(Path(POSTGRESQL_BINARIES) / "pg_dump")
NOT_SCHEMA = re.compile(
    r"^(?:-- (?:Dumped (?:from|by) |PostgreSQL database dump).*|\\(?:un)?restrict .*)\n",
    re.MULTILINE,
)
"""Versions of the programs, and a random key against injection."""
OF_THE_SERVER = re.compile(
    r"^--\n-- Name: (?:(?:EXTENSION )?(?:pgaudit|pg_stat_statements); Type: "
    r"|FUNCTION \w+\(.*\); Type: ACL; Schema: pg_catalog;).*\n--\n\n.*\n\n\n?",
    re.MULTILINE,
)
"""What provisioning makes, not a migration, and not on every server the same: extensions, and
rights to PostgreSQL's own functions."""
NO_STATEMENT = re.compile(r"^(?:--.*|)\n", re.MULTILINE)
TABLE_BODY = re.compile(r"(?<=\(\n)((?:    [^\n]+\n)+)(?=\)[^\n]*;)")
EMPTY_LINES = re.compile(r"\n{3,}")


def dump_schema(settings: Settings) -> str:
    """The schema of the settings' database, the same text on every machine and at every time.

    Raises ProcessFailed.
    """
    command = [PG_DUMP, "--schema-only", f"--exclude-schema={BOOKKEEPING}", *address(settings)]
    said = run(command, env=credentials(settings))
    schema = OF_THE_SERVER.sub("", EMPTY_LINES.sub("\n\n", NOT_SCHEMA.sub("", said)))
    return schema.strip("-\n ") + "\n"


def comparable(schema: str) -> str:
    """Statements only, the columns of a table sorted.

    A column that was taken back and added again comes last, and no program may depend on that.
    """
    return TABLE_BODY.sub(_sorted_lines, NO_STATEMENT.sub("", schema))


def address(settings: Settings) -> list[str]:
    """Where PostgreSQL's programs find the settings' database, and as whom."""
    topology = settings.topology
    host, port = topology.postgresql_host, str(topology.ports.postgresql)
    database = topology.postgresql.database
    return ["--host", host, "--port", port, "--username", SUPERUSER, "--dbname", database]


def credentials(settings: Settings) -> dict[str, str]:
    """The environment that lets them in; a password in the arguments could be seen by anybody."""
    security = {f"PG{name.upper()}": value for name, value in settings.transport_security.items()}
    return {"PATH": os.defpath, "PGPASSWORD": settings.secret(SUPERUSER), **security}


def _sorted_lines(body: re.Match[str]) -> str:
    return "".join(sorted(line.rstrip(",") + "\n" for line in body[0].splitlines()))
