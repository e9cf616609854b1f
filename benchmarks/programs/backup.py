"""Backups and restores against plain copies of the same data, in turns."""

import os
import resource
import shutil
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks.archived import GB, MB, fill, running_archived, sizes
from benchmarks.measure.cpu import tree_seconds
from benchmarks.measure.report import Promise, Report
from benchmarks.measure.rounds import Rounds, measure
from benchmarks.workspace import Workspace
from howdah.foundation.processes.accounts import POSTGRESQL, as_account, own
from howdah.foundation.processes.postmaster import postmaster_of
from howdah.operations.backups.listing import backups_of
from howdah.operations.backups.program import WHOLE_DAY_SECONDS, pgbackrest

SUMMARY = "backup and restore against pg_basebackup and cp of the same data"
NEEDS = None  # a server of its own

ROUNDS = 3
AIM = 0.8
BASEBACKUP = "/usr/lib/postgresql/15/bin/pg_basebackup"
BACKUP, RESTORE = "backup (pgBackRest, zst-3, AES)", "restore (pgBackRest)"
PLAIN, COPY = "pg_basebackup", "cp and sync"
REPLICATION = "host replication all samehost scram-sha-256\n"


@dataclass
class _Subjects:
    """What takes turns; CPU seconds are noted beside the wall's."""

    own: Workspace
    cpu: dict[str, list[float]] = field(default_factory=dict)

    @property
    def data(self) -> Path:
        return self.own.settings.layout.postgresql_data

    @property
    def scratch(self) -> Path:
        return self.own.settings.home / "copied"

    def timed(self, name: str, work: Callable[[], object]) -> Callable[[], float]:
        """Seconds of the work into an empty folder, which is deleted afterwards."""

        def run() -> float:
            self._empty()
            cpu, begun = self._cpu(), time.monotonic()
            work()
            seconds = time.monotonic() - begun
            self.cpu.setdefault(name, []).append(self._cpu() - cpu)
            self.own.say(f"{name}: {seconds:.1f} s")
            shutil.rmtree(self.scratch)
            return seconds

        return run

    def _empty(self) -> None:
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir()
        own(self.scratch, POSTGRESQL, 0o700)
        os.sync()  # nobody pays for what the one before has left to be written

    def _cpu(self) -> float:
        """Of everything that was started and has ended, and of the server."""
        server = postmaster_of(self.data)
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime + tree_seconds([server.pid] if server else [])

    def backup(self) -> None:
        keep_one = ("--repo1-retention-full-type=count", "--repo1-retention-full=1")
        self._pgbackrest("backup", "--type=full", *keep_one)

    def restore(self) -> None:
        self._pgbackrest("restore", f"--pg1-path={self.scratch}", "--type=none")

    def _pgbackrest(self, *words: str) -> None:
        pgbackrest(self.own.settings, *words, timeout_seconds=WHOLE_DAY_SECONDS)

    def basebackup(self) -> None:
        settings = self.own.settings
        place = ["-h", settings.topology.postgresql_host, "-p"]
        place += [str(settings.topology.ports.postgresql), "-U", "postgres"]
        words = [BASEBACKUP, *place, "-D", str(self.scratch), "-X", "none", "-c", "fast"]
        environ = {"PGPASSWORD": settings.secret("postgres"), "PATH": "/usr/bin:/bin"}
        subprocess.run(as_account(POSTGRESQL, words), env=environ, check=True, cwd="/")

    def copy(self) -> None:
        for name in ("base", "global"):
            subprocess.run(["cp", "-a", str(self.data / name), str(self.scratch)], check=True)
        subprocess.run(["sync", "-f", str(self.scratch)], check=True)


@dataclass(frozen=True)
class _Found:
    """At one size."""

    database_bytes: int
    repository_bytes: int
    rounds: Rounds
    cpu: dict[str, float]

    def ratio(self, name: str, to: str) -> float:
        """How much faster: above 1 quicker than the other."""
        return 1 / self.rounds.ratio(name, to)

    def rows(self) -> list[tuple[object, ...]]:
        size = self.database_bytes
        return [
            (
                f"{size / GB:.2g} GB",
                name,
                size / MB / self.rounds.median(name),
                self.ratio(name, COPY),
                self.ratio(name, PLAIN),
                self.cpu[name] / (size / GB),
            )
            for name in self.rounds.values
        ]


def run(workspace: Workspace) -> Report:
    """The same server at two sizes."""
    with running_archived(workspace, "backup", ("postgresql",)) as own:
        _let_replicas_in(own)
        found = [_measured(own, size) for size in sizes(workspace)]
    judged = workspace.scale.full
    large = found[-1]
    compressed = large.database_bytes / large.repository_bytes
    return Report(
        name="backup",
        title="Backup and restore against plain copies",
        columns=("data", "what", "MB/s", "of cp", "of pg_basebackup", "CPU s/GB"),
        rows=[row for item in found for row in item.rows()],
        promises=[
            Promise(
                f"restore against {to}",
                large.ratio(RESTORE, to),
                AIM,
                at_least=True,
                unit="\N{MULTIPLICATION SIGN}",
                judged=judged,
            )
            for to in (COPY, PLAIN)
        ],
        notes=[
            "MB of the database's files, not of what is stored; each into an empty folder, and "
            "until it is on the disk. In turns, after a round that is not counted; the source is "
            "in the page cache for all of them.",
            f"Text of random words; compressed {compressed:.1f}:1 in the repository, encrypted. "
            "Two processes, as shipped.",
            "CPU of the program and of PostgreSQL together.",
        ],
    )


def _measured(own: Workspace, size: float) -> _Found:
    fill(own, size)
    subjects = _Subjects(own)
    work = {
        BACKUP: subjects.backup,
        RESTORE: subjects.restore,
        PLAIN: subjects.basebackup,
        COPY: subjects.copy,
    }
    subjects.backup()
    measured = {name: subjects.timed(name, do) for name, do in work.items()}
    rounds = measure(measured, max(1, min(own.rounds, ROUNDS)))
    newest = backups_of(own.settings).newest
    assert newest is not None
    cpu = {name: median(found[1:]) for name, found in subjects.cpu.items()}
    return _Found(newest.database_bytes, newest.repository_bytes, rounds, cpu)


def _let_replicas_in(own: Workspace) -> None:
    """A single server has no replicas; pg_basebackup comes as one."""
    path = own.settings.layout.configuration / "pg_hba.conf"
    with path.open("a") as file:
        file.write(REPLICATION)
    with own.connect() as connection:
        connection.execute("SELECT pg_reload_conf()")
