"""What can be gone back to: the backups on the way to a timeline, and the WAL after each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg

from howdah.foundation.errors import CommandFailed, InvalidInput, Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import (
    DEFAULT_SEGMENT_BYTES,
    Hole,
    Needs,
    Segment,
    Stretch,
    Switch,
    find_holes,
    parse_lsn,
    path_to,
)
from howdah.operations.backups.listing import Backup
from howdah.operations.backups.program import require_backups
from howdah.operations.backups.repository import Repository, look_at_repository, read_history
from howdah.operations.restores.target import LATEST, TIME, Target
from howdah.operations.roles.catalog import BACKUP
from howdah.operations.roles.connect import connect_directly

ROUNDED = timedelta(seconds=1)
"""pgBackRest notes when a backup ended in whole seconds."""
CURRENT = """
    SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8), system_identifier::text
    FROM pg_control_system()
"""


@dataclass(frozen=True)
class Past:
    """The repository, seen from one timeline."""

    repository: Repository
    timeline: int
    history: tuple[Switch, ...]
    """Where the timelines before it were left."""

    @property
    def backups(self) -> tuple[Backup, ...]:
        """Those that lead to the timeline, oldest first."""
        return tuple(item for item in self.repository.backups if self._leads(item))

    @property
    def first(self) -> datetime | None:
        """The first moment that can be restored: the oldest backup is surely complete."""
        return complete_at(self.backups[0]) if self.backups else None

    @property
    def holes(self) -> tuple[Hole, ...]:
        """WAL that is missing on the way."""
        return find_holes(
            self.repository.archive.segments,
            {self.timeline: self.history},
            [needs_of(item) for item in self.backups],
            self.timeline,
        )

    def path(self) -> tuple[Segment, ...]:
        """Every archived segment on the way to the timeline's newest, in the order of reading."""
        archived = self.repository.archive.segments
        return tuple(
            segment
            for stretch in self._stretches()
            for number in range(self._begin(stretch), stretch.last + 1)
            if (segment := Segment(stretch.timeline, number)) in archived
        )

    def after(self, backup: Backup) -> tuple[tuple[Segment, ...], Segment | None]:
        """The segments from the backup's first on without a hole, and what is missing then.

        Nothing is missing when they end with the archive.
        """
        archived = self.repository.archive.segments
        start = needs_of(backup).first.number
        run: list[Segment] = []
        for stretch in self._stretches():
            for number in range(max(stretch.first, start), stretch.last + 1):
                segment = Segment(stretch.timeline, number)
                if segment not in archived:
                    return tuple(run), segment
                run.append(segment)
        return tuple(run), None

    def newest_before(self, moment: datetime | None, lsn: int | None) -> Backup | None:
        """The newest backup that ended before that moment or position; of undamaged ones if any.

        Neither given: the newest.
        """
        fitting = [
            item
            for item in self.backups
            if (moment is None or complete_at(item) <= moment)
            and (lsn is None or parse_lsn(item.lsn_stop) <= lsn)
        ]
        sound = [item for item in fitting if not item.damaged]
        return next(reversed(sound or fitting), None)

    def _stretches(self) -> tuple[Stretch, ...]:
        archived = self.repository.archive.segments
        numbers = [item.number for item in archived if item.timeline == self.timeline]
        newest = max(numbers, default=None)
        return tuple(path_to(self.timeline, self.history, newest, DEFAULT_SEGMENT_BYTES))

    def _begin(self, stretch: Stretch) -> int:
        archived = self.repository.archive.segments
        oldest = min((item.number for item in archived), default=0)
        return max(stretch.first, oldest)

    def _leads(self, backup: Backup) -> bool:
        needs = needs_of(backup)
        if needs.last.timeline == self.timeline:
            return True
        lefts = {item.timeline: item.lsn for item in self.history}
        return parse_lsn(backup.lsn_stop) <= lefts.get(needs.last.timeline, -1)


def needs_of(backup: Backup) -> Needs:
    """The WAL that it needs for itself."""
    return Needs(backup.label, Segment.named(backup.wal_start), Segment.named(backup.wal_stop))


def complete_at(backup: Backup) -> datetime:
    """A moment at which it was surely complete."""
    return backup.ended + ROUNDED


def look_back(settings: Settings, timeline: int | None = None) -> Past:
    """The repository from production's timeline, or the one that is named.

    Raises BackupsDisabled, BackupProgramFailed, InvalidInput; CommandFailed when there is no
    backup.
    """
    require_backups(settings)
    configuration = settings.layout.pgbackrest_configuration()
    if not configuration.exists():
        raise CommandFailed(
            f"{configuration} is missing, which says where the backups are and how to read them",
            hint="HOWDAH_HOME says which installation is meant; `howdah up` writes the file, with "
            "the repository's key in secrets/repository_key",
        )
    repository = look_at_repository(settings)
    known = {item.timeline for item in repository.archive.segments} | repository.archive.histories
    if timeline is not None and timeline not in known:
        raise InvalidInput(
            f"the archive knows no timeline {timeline}",
            hint=f"it knows {', '.join(map(str, sorted(known))) or 'none'}",
        )
    line = timeline or production_timeline(settings, repository.system_id)
    if line is None or line not in known:
        line = repository.archive.timeline
    past = Past(repository, line, read_history(settings, repository.archive, line))
    if not past.backups:
        raise CommandFailed(
            f"there is no backup that leads to timeline {line}",
            hint="`howdah backup list` shows what there is; `howdah backup take` takes one",
        )
    return past


def production_timeline(settings: Settings, system_id: str) -> int | None:
    """The timeline that the running primary of that database writes on; None when none answers.

    The newest in the archive need not be it: somebody's copy may have archived there.
    """
    try:
        with connect_directly(settings, BACKUP, "postgres") as connection:
            row = connection.execute(CURRENT).fetchone()
    except (Unavailable, psycopg.Error):
        return None
    return int(row[0], 16) if row and row[1] == system_id else None


def backup_named(past: Past, label: str) -> Backup:
    """The backup of that label. Raises InvalidInput."""
    for backup in past.backups:
        if backup.label == label:
            return backup
    raise InvalidInput(
        f"there is no backup {label!r} that leads to timeline {past.timeline}",
        hint=f"there are {', '.join(item.label for item in past.backups)}",
    )


def wants_everything(target: Target) -> bool:
    """Whether what the server has not archived yet may be meant too."""
    return target.kind in {LATEST, TIME}
