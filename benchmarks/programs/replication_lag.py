"""How far the replicas are behind while clients write as fast as they can.

One clock: a row on the primary is given the time again and again, and each replica is asked, many
times a second, how old the newest time is that it shows. The age holds the pause between two such
writes too.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from benchmarks.cluster import running_cluster
from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace
from howdah.foundation.topology import Member
from howdah.operations.cluster.patroni import leader
from howdah.operations.roles.connect import connect_member

SUMMARY = "replication lag of each replica under write load"
NEEDS = None  # a cluster of its own

SECONDS = 60
WRITERS = 4
ROWS_A_COMMIT = 20
ROW_BYTES = 2000
BEAT_SECONDS = 0.01
LOOK_SECONDS = 0.02
PREPARE = """
CREATE TABLE lag_beat (at timestamptz NOT NULL);
INSERT INTO lag_beat VALUES (clock_timestamp());
CREATE TABLE lag_load (id bigserial PRIMARY KEY, content text NOT NULL);
ALTER TABLE lag_load ALTER content SET STORAGE EXTERNAL
"""
LOAD = f"""
INSERT INTO lag_load (content)
SELECT repeat(md5(random()::text), {ROW_BYTES // 32}) FROM generate_series(1, {ROWS_A_COMMIT})
"""
AGE = "SELECT extract(epoch FROM clock_timestamp() - at)::float8 FROM lag_beat"


@dataclass
class Load:
    """What the writers did."""

    commits: int = 0
    stop: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)


def run(workspace: Workspace) -> Report:
    """The lag of every follower, asked side by side."""
    with running_cluster(workspace) as own:
        with own.connect() as primary:
            primary.execute(PREPARE)
            begun = _position(primary)
        ages, load = _measured(own)
        with own.connect() as primary:
            written_mb = (_position(primary) - begun) / 1024**2
    rows = [(name, *_figures(found)) for name, found in sorted(ages.items())]
    replicas = [member.name for member in own.settings.topology.members if not member.candidate]
    return Report(
        name="replication-lag",
        title="Replication lag under write load",
        columns=("member", "looks", "p50 s", "p95 s", "p99 s", "worst s"),
        rows=rows,
        promises=[
            Promise(f"p95 of {name}", _figures(ages[name])[2], 1, unit=" s") for name in replicas
        ],
        notes=[
            f"{WRITERS} writers on the primary for {SECONDS} s, {load.commits:,} commits of "
            f"{ROWS_A_COMMIT} rows of {ROW_BYTES:,} bytes, {written_mb / SECONDS:.0f} MB of WAL a "
            "second; each commit waits for the synchronous standby. All members share the cores "
            "and the disk of one machine."
        ],
    )


def _position(connection: "psycopg.Connection[tuple[object, ...]]") -> float:
    row = connection.execute("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn").fetchone()
    assert row is not None
    return float(str(row[0]))


def _measured(own: Workspace) -> tuple[dict[str, list[float]], Load]:
    load = Load()
    primary = leader(own.settings)
    followers = [item for item in own.settings.topology.members if item != primary]
    ages: dict[str, list[float]] = {member.name: [] for member in followers}
    work = [lambda: _beat(own, load), *[lambda: _write(own, load)] * WRITERS]
    looks = [_looker(own, load, member, ages[member.name]) for member in followers]
    with _running([*work, *looks], load):
        time.sleep(SECONDS)
    return ages, load


@contextmanager
def _running(work: list[object], load: Load) -> Iterator[None]:
    threads = [threading.Thread(target=item) for item in work]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        load.stop.set()
        for thread in threads:
            thread.join()


def _beat(own: Workspace, load: Load) -> None:
    with own.connect() as connection:
        while not load.stop.wait(BEAT_SECONDS):
            connection.execute("UPDATE lag_beat SET at = clock_timestamp()")


def _write(own: Workspace, load: Load) -> None:
    with own.connect() as connection:
        while not load.stop.is_set():
            connection.execute(LOAD)
            with load.lock:
                load.commits += 1


def _looker(own: Workspace, load: Load, member: Member, ages: list[float]) -> object:
    def look() -> None:
        with connect_member(own.settings, member) as connection:
            while not load.stop.wait(LOOK_SECONDS):
                row = connection.execute(AGE).fetchone()
                assert row is not None
                ages.append(row[0])

    return look


def _figures(ages: list[float]) -> tuple[int, float, float, float, float]:
    """How many looks; median, 95th and 99th percentile and worst in seconds."""
    ordered = sorted(ages)

    def at(share: float) -> float:
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))]

    return len(ordered), at(0.5), at(0.95), at(0.99), ordered[-1]
