"""Take a backup."""

import psycopg

from howdah.foundation.errors import HowdahError, InvalidInput
from howdah.foundation.settings import Settings
from howdah.operations.backups.counts import record_counts
from howdah.operations.backups.listing import Backup, backups_of
from howdah.operations.backups.program import (
    WHOLE_DAY_SECONDS,
    BackupProgramFailed,
    pgbackrest,
    require_backups,
)
from howdah.operations.cluster.reporting import Report

KINDS = {"full": "full", "incremental": "incr", "differential": "diff"}


def take_backup(settings: Settings, kind: str, report: Report) -> Backup:
    """Take one now, and delete what is older than the retention; returns it.

    `kind`: full, incremental or differential; the latter two are full when there is none to build
    on. From the standby when there is one. One at a time: raises BackupProgramFailed when another
    one runs. Raises BackupsDisabled, InvalidInput.
    """
    require_backups(settings)
    if kind not in KINDS:
        raise InvalidInput(
            f"there is no kind of backup {kind!r}", hint=f"one of {', '.join(KINDS)}"
        )
    report(f"taking a backup ({kind})")
    pgbackrest(settings, "backup", f"--type={KINDS[kind]}", timeout_seconds=WHOLE_DAY_SECONDS)
    newest = backups_of(settings).newest
    if newest is None:
        raise BackupProgramFailed(
            "pgBackRest says that it took a backup, and the repository holds none",
            hint="is retention shorter than the backup took, or the clock wrong?",
        )
    _count(settings, newest, report)
    return newest


def _count(settings: Settings, backup: Backup, report: Report) -> None:
    """The backup is good without it; the restore test will say that it had nothing to compare."""
    report("counting rows, for the restore test to compare")
    try:
        record_counts(settings, backup.label)
    except (HowdahError, psycopg.Error) as problem:
        report(f"the rows could not be counted: {str(problem).strip()}")
