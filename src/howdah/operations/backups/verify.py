"""Read every byte of the repository and compare it with its checksum; name what is damaged."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from howdah.foundation.rendering.pgbackrest import STANZA
from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import DEFAULT_SEGMENT_BYTES, Segment, Switch, find_holes
from howdah.operations.backups.program import (
    WHOLE_DAY_SECONDS,
    BackupProgramFailed,
    pgbackrest,
    require_backups,
)
from howdah.operations.backups.quoting import printable
from howdah.operations.backups.repository import Repository, look_at_repository, read_history
from howdah.operations.backups.verify_output import (
    BackupVerdict,
    Damage,
    Output,
    understood,
)

TELLS_EVERYTHING = (
    "--verbose",
    "--output=none",
    "--log-level-console=detail",
    "--log-level-stderr=off",
    "--job-retry=1",  # at once; a second time only after 15 s, for each damaged file
)
_ERROR = re.compile(r"ERROR: (\[[0-9]+\]: .*)", re.DOTALL)
KEPT_TWICE = ("archive", "backup")
"""The repository's lists: `archive.info`, `backup.info`."""


@dataclass(frozen=True)
class Verification:
    """What was read and what is wrong with it."""

    moment: datetime
    seconds: float
    complete: bool
    """Whether everything was read. Not having been able to is not a pass."""
    backups: tuple[BackupVerdict, ...]
    wal_segments: int
    valid_wal_segments: int
    damages: tuple[Damage, ...]

    @property
    def passed(self) -> bool:
        """Everything was read and is as it was stored."""
        return self.complete and not self.damages


def verify_backups(settings: Settings) -> Verification:
    """Verify backups, manifests and WAL, and that no WAL is missing between them.

    Reads the whole repository: minutes per 100 GB. Raises BackupsDisabled; whatever else goes wrong
    is in the result.
    """
    require_backups(settings)
    begun = time.monotonic()
    output, trouble = _read_everything(settings)
    repository, unreadable = _listed(settings)
    damages = [*output.damages, *trouble, *unreadable]
    if repository is not None:
        if trouble:
            damages += _first_segment(repository)
        damages = [*_expired_left_out(damages, repository), *_lacking(repository, output)]
        damages += _lists(settings)
        damages += _archive(settings, repository)
    return Verification(
        moment=datetime.now(UTC),
        seconds=time.monotonic() - begun,
        complete=output.ended and repository is not None,
        backups=output.backups,
        wal_segments=output.wal_checked,
        valid_wal_segments=output.wal_valid,
        damages=tuple(dict.fromkeys(damages)),
    )


def _read_everything(settings: Settings) -> tuple[Output, list[Damage]]:
    """What pgBackRest says; and what it ended with when it gave up."""
    try:
        said = pgbackrest(settings, "verify", *TELLS_EVERYTHING, timeout_seconds=WHOLE_DAY_SECONDS)
    except BackupProgramFailed as failure:
        error = _ERROR.search(failure.message)
        why = printable(error[1].partition("\n  P0")[0]) if error else failure.message
        return Output(), [Damage("repository", "", f"pgBackRest's verify gave up: {why}")]
    output = understood(said)
    if not output.ended or (not output.ok and not output.damages):
        return output, [Damage("repository", "", f"pgBackRest's verify says {printable(said)!r}")]
    return output, []


def _listed(settings: Settings) -> tuple[Repository | None, list[Damage]]:
    try:
        return look_at_repository(settings), []
    except BackupProgramFailed as failure:
        return None, [Damage("repository", "", failure.message)]


def _first_segment(repository: Repository) -> Iterator[Damage]:
    """It gives up on the first segment that it reads, which tells it the format of all."""
    first = min(repository.archive.segments, default=None)
    if first is not None:
        sentence = (
            f"WAL segment {first.name()} is the first that was read; when it is damaged, nothing "
            "after it is looked at"
        )
        yield Damage("wal", first.name(), sentence)


def _expired_left_out(damages: list[Damage], repository: Repository) -> Iterator[Damage]:
    """Without what was deleted on purpose while it was being read."""
    kept = {backup.label for backup in repository.backups}
    present = {segment.name() for segment in repository.archive.segments}
    for damage in damages:
        expired = damage.kind == "manifest" and "missing" in damage.sentence
        if expired and damage.name not in kept:
            continue
        gone = damage.kind == "wal" and damage.sentence.endswith("file missing")
        if gone and damage.name not in present:  # if it is needed, it is a hole as well
            continue
        yield damage


def _lacking(repository: Repository, output: Output) -> Iterator[Damage]:
    """Backups that were not there to be verified."""
    if not repository.backups:
        yield Damage("backup", "", "there is no backup: nothing can be restored")
    if not output.ended:
        return
    verified = {backup.label for backup in output.backups}
    for backup in repository.backups:
        if backup.label not in verified:
            sentence = f"backup {backup.label} is gone from the repository, which still lists it"
            yield Damage("backup", backup.label, sentence)


def _lists(settings: Settings) -> Iterator[Damage]:
    """The repository's lists and their copies; pgBackRest goes on with the copy and names none."""
    for kind in KEPT_TWICE:
        texts = set[str]()
        for name in (f"{kind}.info", f"{kind}.info.copy"):
            try:
                texts.add(pgbackrest(settings, "repo-get", f"{kind}/{STANZA}/{name}"))
            except BackupProgramFailed:
                yield Damage("info", name, f"{name} cannot be read; the other serves", True)
        if len(texts) > 1:
            yield Damage("info", f"{kind}.info", f"{kind}.info and its copy are not alike", True)


def _archive(settings: Settings, repository: Repository) -> Iterator[Damage]:
    """Holes, segments that are there twice, and histories that cannot be read."""
    archive = repository.archive
    histories: dict[int, tuple[Switch, ...]] = {}
    for timeline in sorted({item.timeline for item in archive.segments} | archive.histories):
        try:
            histories[timeline] = read_history(settings, archive, timeline)
        except BackupProgramFailed as failure:
            yield Damage("history", f"{timeline:08X}.history", failure.message)
    for name in archive.duplicates:
        yield Damage("wal", name, f"WAL segment {name} is there twice, with different contents")
    holes = find_holes(archive.segments.keys(), histories, repository.needs, archive.timeline)
    for hole in holes:
        for number in range(hole.first, min(hole.last, hole.first + 9) + 1):
            name = Segment(hole.timeline, number).name(DEFAULT_SEGMENT_BYTES)
            yield Damage("gap", name, f"WAL segment {name} is missing")
        if hole.count > 10:
            last = hole.names()[1]
            yield Damage("gap", last, f"so are {hole.count - 10} after it, up to {last}")
