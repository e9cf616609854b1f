"""Ten minutes of full load on every core: the lease is kept, and nobody fails over."""

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.cluster import running_cluster
from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace
from howdah.foundation.errors import CommandFailed
from howdah.operations.cluster.patroni import cluster_view
from howdah.operations.drills.ledger import Ledger
from howdah.operations.drills.tenant import found_tenant, remove_tenant, written
from howdah.operations.drills.writers import Writers

SUMMARY = "ten minutes of full load on every core: failovers that nobody asked for"
NEEDS = None  # a cluster of its own

SECONDS = 600
SAMPLE_SECONDS = 5.0
BUSY_PERCENT = 90.0
"""Less than this, and the load was not full: nothing is judged."""
WRITERS, WRITES_PER_SECOND = 16, 400.0
READERS = {"primary": 24, "any": 24}
"""Purpose → database clients through PgBouncer that compute without a pause."""
SCRIPT = "SELECT sum(i) FROM generate_series(1, 5000) AS i;\n"
_PGBENCH = Path("/usr/lib/postgresql/15/bin/pgbench")


@dataclass
class Seen:
    """Who led on which timeline, and how busy the machine was, sample by sample."""

    leaders: list[str | None] = field(default_factory=list)
    timelines: list[int | None] = field(default_factory=list)
    busy_percent: list[float] = field(default_factory=list)

    @property
    def failovers(self) -> int:
        """How often somebody was promoted: each time begins a timeline, and may change the leader.

        A look that found nobody, on a machine this busy, is no failover; it is counted apart.
        """
        timelines = [timeline for timeline in self.timelines if timeline is not None]
        leaders = {leader for leader in self.leaders if leader is not None}
        if not timelines:
            raise CommandFailed("nobody could be seen leading; nothing was measured")
        return max(timelines[-1] - timelines[0], len(leaders) - 1)


def run(workspace: Workspace) -> Report:
    """Writes through the API and computing readers, as much as the machine can do."""
    seconds = workspace.seconds or SECONDS
    with running_cluster(workspace) as own:
        slug = found_tenant(own.settings, "stability")
        ledger = Ledger(slug)
        own.say(f"full load for {seconds} s")
        with ExitStack() as load:
            for purpose, clients in READERS.items():
                load.enter_context(_computing(own, purpose, clients, seconds))
            writers = Writers(
                own.settings, slug, ledger, threads=WRITERS, per_second=WRITES_PER_SECOND
            )
            load.enter_context(writers)
            seen = _watched(own, seconds)
        compared = ledger.compare(written(own.settings, slug))
        remove_tenant(own.settings, slug)
    busy = sum(seen.busy_percent) / len(seen.busy_percent)
    judged = seconds >= SECONDS and busy >= BUSY_PERCENT
    gap = ledger.outage(0.0)
    return Report(
        name="stability",
        title=f"Full load on {os.cpu_count()} cores for {seconds} s",
        columns=("measure", "value"),
        rows=[
            ("cores busy, %", busy),
            ("writes acknowledged", compared.acknowledged),
            ("attempts that failed", sum(ledger.failures().values())),
            ("longest time without an acknowledged write, s", gap.seconds if gap else "-"),
            ("looks at the cluster", len(seen.leaders)),
            ("of them without an answer", seen.leaders.count(None)),
        ],
        promises=[
            Promise("failovers that nobody asked for", seen.failovers, 0, judged=judged),
            Promise("acknowledged writes lost", len(compared.lost), 0),
        ],
        notes=[
            f"{WRITERS} clients of the API write; {sum(READERS.values())} database clients compute "
            "on the primary and the replicas through PgBouncer.",
            *([] if judged else ["Too short, or the machine was not busy: not judged."]),
        ],
    )


def _watched(own: Workspace, seconds: float) -> Seen:
    seen, end = Seen(), time.monotonic() + seconds
    psutil.cpu_percent()
    while time.monotonic() < end:
        time.sleep(SAMPLE_SECONDS)
        view = cluster_view(own.settings)
        seen.leaders.append(view.leader)
        seen.timelines.append(view.timeline)
        seen.busy_percent.append(psutil.cpu_percent())
    return seen


@contextmanager
def _computing(own: Workspace, purpose: str, clients: int, seconds: int) -> Iterator[None]:
    """pgbench in the background; raises CommandFailed when it failed."""
    topology, security = own.settings.topology, own.settings.transport_security
    environ = {
        **os.environ,
        "PGPASSWORD": own.settings.secret("app_read"),
        "PGSSLMODE": security["sslmode"],
        "PGSSLROOTCERT": security.get("sslrootcert", ""),
    }
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as script:
        script.write(SCRIPT)
        script.flush()
        command = [
            *(str(_PGBENCH), "--no-vacuum", "--protocol=simple", f"--file={script.name}"),
            *(f"--client={clients}", "--jobs=1", f"--time={seconds}"),
            *("--host", topology.pgbouncer.host, "--port", str(topology.ports.pgbouncer)),
            *("--username", "app_read", topology.purposes[purpose]),
        ]
        with subprocess.Popen(
            command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            try:
                yield
                said, _ = process.communicate(timeout=60)
            finally:
                process.kill()
    if process.returncode != 0:
        raise CommandFailed(f"pgbench failed for {purpose}: {said.strip()[-300:]}")
