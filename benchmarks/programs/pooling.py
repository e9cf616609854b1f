"""A thousand database clients through PgBouncer and straight to PostgreSQL, in turns.

The architecture says that pooling improves response times by 40 %; this says under which load.
"""

import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median

from benchmarks.cluster import running_cluster
from benchmarks.measure.report import Promise, Report
from benchmarks.measure.watching import watching
from benchmarks.workspace import Workspace
from howdah.foundation.errors import CommandFailed
from howdah.operations.cluster.patroni import leader

SUMMARY = "1000 database clients: PgBouncer against direct connections"
NEEDS = None  # a cluster of its own, which allows that many direct connections

CLIENTS = 950  # of 1000: the application's own connections need some
CONNECTING = 100
SECONDS = 30
TURNS = 2
SAMPLING = 0.05
PREPARE = """
CREATE TABLE pooling_rows (id integer PRIMARY KEY, value integer NOT NULL);
INSERT INTO pooling_rows SELECT n, 0 FROM generate_series(1, 100000) n;
GRANT SELECT, UPDATE ON pooling_rows TO app_write;
ALTER ROLE app_write SET statement_timeout = 0;
ALTER ROLE app_write SET lock_timeout = 0;
ALTER ROLE app_write SET idle_in_transaction_session_timeout = 0
"""
READ = "\\set id random(1, 100000)\nSELECT value FROM pooling_rows WHERE id = :id;\n"
HOT = "\\set id random(1, 10)\nUPDATE pooling_rows SET value = value + 1 WHERE id = :id;\n"
_PGBENCH = Path("/usr/lib/postgresql/15/bin/pgbench")


@dataclass(frozen=True)
class Load:
    """One kind of work; `connects`: a connection for each transaction."""

    title: str
    script: str
    clients: int = CLIENTS
    connects: bool = False


@dataclass(frozen=True)
class Found:
    """Transactions a second without the time of connecting, latencies in ms, failures."""

    rate: float
    mean_ms: float
    p50_ms: float
    p95_ms: float
    failed: int


LOADS = (
    Load("reads on kept connections", READ),
    Load("updates of ten rows that all want", HOT),
    Load("a connection for each read", READ, CONNECTING, connects=True),
)


def run(workspace: Workspace) -> Report:
    """Each load direct and pooled in turns, everything encrypted."""
    roomy = {**workspace.environ, "HOWDAH_POSTGRESQL__MAX_CONNECTIONS": "1200"}
    with running_cluster(replace(workspace, environ=roomy)) as own:
        with own.connect() as primary:
            primary.execute(PREPARE)
        with watching(own) as watched:
            pooled_alone = _measured(own, LOADS[0], "pooled")
        found = [(load, _in_turns(own, load)) for load in LOADS]
    rows = [row for load, ways in found for row in _rows(load, ways)]
    failures = pooled_alone.failed + sum(
        turn.failed for _, ways in found for turn in ways["pooled"]
    )
    return Report(
        name="pooling",
        title=f"{CLIENTS} database clients: PgBouncer against direct connections",
        columns=("load", "way", "transactions/s", "mean ms", "p50 ms", "p95 ms", "mean to direct"),
        rows=rows,
        promises=[
            Promise("failed transactions through PgBouncer", failures, 0),
            Promise("server connections of the database", watched.pooler, 30),
        ],
        notes=[
            f"pgbench, {TURNS} turns of {SECONDS} s each way, the medians of the turns; the last "
            f"load has {CONNECTING} clients, and its latency holds the connecting (TLS and SCRAM). "
            "The direct way needs max_connections = 1200: with the shipped number its clients "
            "would be refused.",
            "The architecture's 40 % is true where the last column says so, and false elsewhere: "
            "for connections that are kept and queries that are short a pooler is one more hop. "
            "Direct clients of the first load are served in bursts: the median says nothing there, "
            "so the means are compared.",
        ],
    )


def _in_turns(own: Workspace, load: Load) -> dict[str, list[Found]]:
    ways: dict[str, list[Found]] = {"direct": [], "pooled": []}
    for _ in range(TURNS):
        for way, turns in ways.items():
            own.say(f"pooling: {load.title}, {way}")
            turns.append(_measured(own, load, way))
    return ways


def _rows(load: Load, ways: Mapping[str, list[Found]]) -> list[tuple[object, ...]]:
    means = {way: median(turn.mean_ms for turn in turns) for way, turns in ways.items()}
    rows: list[tuple[object, ...]] = []
    for way, turns in ways.items():
        change = 100 * (means[way] / means["direct"] - 1)
        rate, p50, p95 = (
            median(getattr(turn, name) for turn in turns) for name in ("rate", "p50_ms", "p95_ms")
        )
        compared = "" if way == "direct" else f"{change:+.0f} %"
        rows.append((load.title, way, rate, means[way], p50, p95, compared))
    return rows


def _measured(own: Workspace, load: Load, way: str) -> Found:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder, "script.sql")
        script.write_text(load.script)
        said = _pgbench(own, load, way, Path(folder))
        latencies = sorted(
            int(line.split()[2]) / 1000
            for file in Path(folder).glob("log.*")
            for line in file.read_text().splitlines()
        )
    if not latencies:
        raise CommandFailed(f"pgbench measured nothing: {said[-400:]}")
    rate = _number(said, r"^tps = ([\d.]+)")
    mean = sum(latencies) / len(latencies)
    middle, high = latencies[len(latencies) // 2], latencies[int(len(latencies) * 0.95)]
    failed = int(_number(said, r"number of failed transactions: (\d+)"))
    return Found(rate, mean, middle, high, failed)


def _pgbench(own: Workspace, load: Load, way: str, folder: Path) -> str:
    settings = own.settings
    pooler = settings.topology.pgbouncer
    if way == "pooled":
        host, port, name = pooler.host, pooler.port, settings.topology.purposes["primary"]
    else:
        primary = leader(settings)
        host, port, name = primary.host, primary.port, settings.topology.postgresql.database
    security = settings.transport_security
    done = subprocess.run(
        [
            *(str(_PGBENCH), "--no-vacuum", "--protocol=simple", f"--file={folder}/script.sql"),
            *(f"--client={load.clients}", "--jobs=2", f"--time={SECONDS}"),
            *("--log", f"--log-prefix={folder}/log", f"--sampling-rate={SAMPLING}"),
            *(["--connect"] if load.connects else []),
            *("--host", host, "--port", str(port), "--username", "app_write", name),
        ],
        env={
            **os.environ,
            "PGPASSWORD": settings.secret("app_write"),
            "PGSSLMODE": security["sslmode"],
            "PGSSLROOTCERT": security["sslrootcert"],
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS + 240,
    )
    if done.returncode != 0:
        raise CommandFailed(f"pgbench failed: {done.stderr.strip()[-400:]}")
    return done.stdout


def _number(output: str, pattern: str) -> float:
    match = re.search(pattern, output, re.MULTILINE)
    if match is None:
        raise CommandFailed(f"pgbench did not say what was expected: {output[-400:]}")
    return float(match[1])
