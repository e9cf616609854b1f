"""The restore test: the newest backup becomes a database again, is asked everything that can be
compared, and is deleted; what was found is evidence.

It goes to the restore point that was made when the rows were counted, just after the backup, so
that the comparison is exact and WAL is replayed too.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from howdah.foundation.errors import CommandFailed, HowdahError
from howdah.foundation.queue.stopping import Stopping, never
from howdah.foundation.settings import Settings
from howdah.operations.backups.counts import Counts, counts_of
from howdah.operations.backups.listing import Backup, backups_of
from howdah.operations.backups.restore_tests import record_restore_test
from howdah.operations.cluster.reporting import Report
from howdah.operations.restores import clone, trial
from howdah.operations.restores.folder import RestoreFolder
from howdah.operations.restores.into import RestorePlan, Show, restore_into, show_nothing
from howdah.operations.restores.report import MB, RestoreReport
from howdah.operations.restores.scratch import scratch_folder
from howdah.operations.restores.target import LATEST, NAME, Target
from howdah.operations.restores.window import archive_now

PLACE = "restore-test"
DATABASE_PHASES = ("restore", "amcheck", "rows", "checksums")
"""Those that read or write the whole database, so that bytes a second mean something."""


@dataclass(frozen=True)
class Proof:
    """What a restore test found."""

    backup: str
    point: str
    """The restore point that was restored to; empty when nothing was counted with the backup."""
    problems: tuple[str, ...]
    seconds: float
    database_bytes: int
    phases: dict[str, float]
    """Seconds of each: restore, start, replay, promote, amcheck, rows, queries, checksums."""
    restore: dict[str, Any]
    """The restore's report."""
    tables: int
    exact: bool
    """Whether the rows could be compared without slack."""
    evidence: Path

    @property
    def passed(self) -> bool:
        """Whether the backup was proven to be good."""
        return not self.problems

    @property
    def rates(self) -> dict[str, float]:
        """MB of the database a second, of the phases that go over all of it."""
        return _rates(self.database_bytes, self.phases)


@dataclass
class _Test:
    settings: Settings
    backup: Backup
    counts: Counts | None
    report: Report
    show: Show
    begun: float = field(default_factory=time.monotonic)
    phases: dict[str, float] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    restored: RestoreReport | None = None

    def check(self, phase: str, sentence: str, problems: Iterable[str]) -> None:
        """Run one check, which is lazy, and remember how long it took."""
        self.report(sentence)
        begun = time.monotonic()
        self.problems += problems
        self.phases[phase] = round(time.monotonic() - begun, 3)


def prove_restore(
    settings: Settings,
    report: Report,
    show: Show = show_nothing,
    stopping: Stopping = never,
) -> Proof:
    """Restore the newest backup into a scratch place, compare, delete it, keep the evidence.

    Whatever is wrong with the backup is in the result, not raised. Raises CommandFailed when
    another test runs, there is no backup, or it was `stopping`, BackupProgramFailed when the
    repository cannot be listed: then nothing was tested, and nothing is recorded as if it were.
    """
    newest = backups_of(settings).newest
    if newest is None:
        raise CommandFailed("there is no backup to test", hint="`howdah backup take` takes one")
    archive_now(settings)  # the restore point of a backup just taken may not be there yet
    test = _Test(settings, newest, counts_of(settings, newest.label), report, show)
    with scratch_folder(settings, PLACE, "restore test") as folder:
        _tested(test, folder)
    if stopping():  # what failed then says nothing of the backup
        raise CommandFailed("the restore test was asked to stop")
    return _recorded(test)


def _tested(test: _Test, folder: RestoreFolder) -> None:
    counts = test.counts
    target = Target(NAME, name=counts.point) if counts else Target(LATEST)
    plan = RestorePlan(target, folder.path, start=True, label=test.backup.label, within_home=True)
    if counts is None:
        test.problems.append(
            f"nothing was counted when {test.backup.label} was taken, so its rows cannot be "
            "compared; the next backup counts them"
        )
    if test.backup.damaged:
        test.problems.append(f"{test.backup.label} was taken of damaged pages")
    try:
        test.restored = restore_into(test.settings, plan, test.report, test.show)
    except HowdahError as failure:
        test.problems.append(failure.message)
        return
    test.phases.update(test.restored.seconds)
    _compared(test, clone.CloneServer(folder, test.restored.port))


def _compared(test: _Test, server: clone.CloneServer) -> None:
    database, counts = test.settings.topology.postgresql.database, test.counts
    test.check("amcheck", "checking tables and indexes", trial.indexes_and_tables(server))
    if counts:
        rows = trial.row_counts(server, database, counts)
        test.check("rows", f"counting the rows of {len(counts.rows)} tables", rows)
        queries = trial.application_queries(server, database, counts)
        test.check("queries", "asking what the application asks", queries)
    clone.stop(server)
    test.check("checksums", "checking every page", trial.page_checksums(server.folder))


def _recorded(test: _Test) -> Proof:
    seconds = round(time.monotonic() - test.begun, 3)
    size, counts = test.backup.database_bytes, test.counts
    details: dict[str, Any] = {
        "point": counts.point if counts else "",
        "phases": test.phases,
        "mb_per_second": _rates(size, test.phases),
        "tables": len(counts.rows) if counts else 0,
        "exact": bool(counts and not counts.slack),
        "problems": test.problems,
        "restore": test.restored.as_data() if test.restored else {},
    }
    path = record_restore_test(
        test.settings,
        failure="; ".join(test.problems),
        backup=test.backup.label,
        seconds=seconds,
        restored_bytes=size if test.restored else 0,
        details=details,
    )
    return Proof(
        backup=test.backup.label,
        point=details["point"],
        problems=tuple(test.problems),
        seconds=seconds,
        database_bytes=size,
        phases=dict(test.phases),
        restore=details["restore"],
        tables=details["tables"],
        exact=details["exact"],
        evidence=path,
    )


def _rates(size: int, phases: dict[str, float]) -> dict[str, float]:
    return {
        name: round(size / MB / phases[name], 1) for name in DATABASE_PHASES if phases.get(name)
    }
