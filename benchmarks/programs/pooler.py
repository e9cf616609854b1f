"""PgBouncer alone: 950 database clients on thirty server connections."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

from benchmarks.data.scale import FIRST_DOCUMENT_ID, FIRST_ORG_ID
from benchmarks.measure.report import Promise, Report
from benchmarks.measure.watching import watching
from benchmarks.workspace import Workspace
from howdah.foundation.errors import CommandFailed

SUMMARY = "950 database clients through PgBouncer: errors and server connections"
NEEDS = ("postgresql", "pgbouncer")

CLIENTS = 950  # of 1000: the application's own connections need some
SECONDS = 20
# One message, as the application sends it: the tenant and the query. `\;` joins them.
SCRIPT = f"""\
\\set document random({FIRST_DOCUMENT_ID}, {FIRST_DOCUMENT_ID} + :documents - 1)
SELECT howdah.bind({FIRST_ORG_ID}, NULL)\\; SELECT title FROM documents WHERE id = :document;
"""
_PGBENCH = Path("/usr/lib/postgresql/15/bin/pgbench")


def run(workspace: Workspace) -> Report:
    """pgbench opens all connections, then reads documents on each of them."""
    with watching(workspace) as watched:
        output = _pgbench(workspace)
    processed = _number(output, r"transactions actually processed: (\d+)")
    failed = _number(output, r"number of failed transactions: (\d+)")
    return Report(
        name="pooler",
        title=f"{CLIENTS} database clients through PgBouncer, {SECONDS} s",
        columns=("measure", "value"),
        rows=[
            ("reads answered", processed),
            ("reads/s", processed / SECONDS),
            ("failed", failed),
            ("server connections, most (PgBouncer)", watched.pooler),
            ("server connections, most (pg_stat_activity)", watched.postgresql),
        ],
        promises=[
            Promise("failed reads", failed, 0),
            Promise("server connections", watched.most, 30, judged=watched.samples >= SECONDS),
        ],
        notes=["pgbench, simple protocol, one message a read, row-level security on."],
    )


def _pgbench(workspace: Workspace) -> str:
    topology = workspace.settings.topology
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        command = [
            *(str(_PGBENCH), "--no-vacuum", "--protocol=simple", f"--file={script.name}"),
            *(f"--client={CLIENTS}", "--jobs=2", f"--time={SECONDS}"),
            f"--define=documents={workspace.scale.documents}",
            *("--host", topology.pgbouncer.host, "--port", str(topology.ports.pgbouncer)),
            *("--username", "app_write", topology.purposes["primary"]),
        ]
        done = subprocess.run(
            command,
            env={**os.environ, "PGPASSWORD": workspace.settings.secret("app_write")},
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS + 120,
        )
    if done.returncode != 0:
        raise CommandFailed(f"pgbench failed: {done.stderr.strip()[-400:]}")
    return done.stdout


def _number(output: str, pattern: str) -> int:
    match = re.search(pattern, output)
    if match is None:
        raise CommandFailed(f"pgbench did not say what was expected: {output[-400:]}")
    return int(match[1])
