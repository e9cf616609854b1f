"""What the repository really holds, read out of it rather than out of anybody's notes."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from howdah.foundation.rendering.pgbackrest import STANZA
from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import Needs, Segment, Switch, parse_history
from howdah.operations.backups.listing import Backup, listing_of
from howdah.operations.backups.program import BackupProgramFailed, pgbackrest, repository_info

NO_STANZA = 1
"""pgBackRest's status of a repository in which nobody has made a stanza."""
LISTING_SECONDS = 300.0
_SEGMENT_FILE = re.compile(r"^([0-9A-F]{24})-[0-9a-f]{40}(\.[a-z0-9]+)?$")
_FOLDER = re.compile(r"^[0-9A-F]{16}$")
_HISTORY_FILE = re.compile(r"^([0-9A-F]{8})\.history$")


@dataclass(frozen=True)
class Archive:
    """The archived WAL of one database, by the files that are there."""

    archive_id: str
    """pgBackRest's name for it: PostgreSQL's version and the number of the database."""
    segments: Mapping[Segment, datetime] = field(default_factory=dict)
    """Segment → when it was archived."""
    duplicates: tuple[str, ...] = ()
    """Segments that are there twice, with different contents: neither can be restored."""
    histories: frozenset[int] = frozenset()
    """Timelines whose history is archived."""
    folder_bytes: Mapping[str, int] = field(default_factory=dict)
    """What each folder of segments takes; they are named by timeline and first half of the LSN."""

    @property
    def stored_bytes(self) -> int:
        """What all of it takes."""
        return sum(self.folder_bytes.values())

    @property
    def timeline(self) -> int:
        """The highest that anything was archived of; 1 when nothing was."""
        lines = {item.timeline for item in self.segments} | self.histories
        return max(lines, default=1)

    @property
    def newest(self) -> Segment | None:
        """The newest segment of the highest timeline that has any."""
        return max(self.segments, default=None)


@dataclass(frozen=True)
class Repository:
    """Backups of the present database, oldest first, and its archive."""

    backups: tuple[Backup, ...]
    archive: Archive
    system_id: str
    """Of the database that it holds."""

    @property
    def needs(self) -> tuple[Needs, ...]:
        """The WAL that each backup needs for itself."""
        return tuple(
            Needs(item.label, Segment.named(item.wal_start), Segment.named(item.wal_stop))
            for item in self.backups
        )

    @property
    def stored_bytes(self) -> int:
        """What backups and WAL of this database take in the repository."""
        return self.archive.stored_bytes + sum(item.repository_bytes for item in self.backups)


class NoStanza(BackupProgramFailed):
    """The repository is empty: nothing was ever archived there, or it is another folder."""


def look_at_repository(settings: Settings, remembered: Archive | None = None) -> Repository:
    """List it. Raises BackupsDisabled, BackupProgramFailed, NoStanza.

    `remembered`: the archive as it was listed not long ago; of folders that nothing more comes into
    it is taken at its word, which spares a month of WAL being listed each minute.
    """
    info = repository_info(settings)
    if info["status"]["code"] == NO_STANZA or not info.get("db"):
        raise NoStanza(
            hint="is the right disk mounted there? `howdah up` makes a new repository in an empty "
            "folder"
        )
    database = info["db"][-1]
    archive_id = f"{database['version']}-{database['id']}"
    if remembered is not None and remembered.archive_id == archive_id:
        archive = _since(settings, remembered)
    else:
        archive = archive_from(archive_id, _listed(settings, archive_id, "--recurse"))
    return Repository(
        backups=_backups(info, database["id"]),
        archive=archive,
        system_id=str(database["system-id"]),
    )


def _listed(settings: Settings, folder: str, *options: str) -> Mapping[str, Mapping[str, Any]]:
    """What lies in a folder of the archive: path → type, size, time."""
    path = f"archive/{STANZA}/{folder}"
    options = ("--output=json", "--sort=none", *options, path)
    said = pgbackrest(settings, "repo-ls", *options, timeout_seconds=LISTING_SECONDS)
    found: dict[str, dict[str, Any]] = json.loads(said)
    return found


def _since(settings: Settings, remembered: Archive) -> Archive:
    """The archive, with only those folders listed that may have changed."""
    top = _listed(settings, remembered.archive_id)
    folders = {name for name, item in top.items() if _FOLDER.match(name) and item["type"] == "path"}
    changing = folders - settled_folders(remembered)
    files = dict(top)
    for folder in changing:
        inside = _listed(settings, f"{remembered.archive_id}/{folder}")
        files |= {f"{folder}/{name}": item for name, item in inside.items()}
    return merged(remembered, archive_from(remembered.archive_id, files), folders - changing)


def settled_folders(archive: Archive) -> set[str]:
    """Those that a later one of their timeline follows, so that nothing more comes into them."""
    newest: dict[str, str] = {}
    for folder in sorted(archive.folder_bytes):
        newest[folder[:8]] = folder
    return set(archive.folder_bytes) - set(newest.values())


def merged(remembered: Archive, fresh: Archive, settled: Collection[str]) -> Archive:
    """What was listed now, and of the settled folders what was listed before. Pure."""
    segments = {
        segment: moment
        for segment, moment in remembered.segments.items()
        if segment.name()[:16] in settled
    }
    sizes = {name: size for name, size in remembered.folder_bytes.items() if name in settled}
    twice = [name for name in remembered.duplicates if name[:16] in settled]
    return Archive(
        fresh.archive_id,
        {**segments, **fresh.segments},
        tuple(sorted({*twice, *fresh.duplicates})),
        fresh.histories,
        {**sizes, **fresh.folder_bytes},
    )


def archive_from(archive_id: str, listed: Mapping[str, Mapping[str, Any]]) -> Archive:
    """What pgBackRest lists below `archive/<stanza>/<archive id>` as an archive. Pure."""
    segments: dict[Segment, datetime] = {}
    twice: set[str] = set()
    histories: set[int] = set()
    sizes: Counter[str] = Counter()
    for path, item in listed.items():
        folder, _, name = path.rpartition("/")
        if item["type"] != "file":
            continue
        sizes[folder] += item["size"]
        if found := _HISTORY_FILE.match(name):
            histories.add(int(found[1], 16))
        elif found := _SEGMENT_FILE.match(name):
            segment = Segment.named(found[1])
            if segment in segments:
                twice.add(found[1])
            segments[segment] = datetime.fromtimestamp(item["time"], UTC)
    return Archive(archive_id, segments, tuple(sorted(twice)), frozenset(histories), sizes)


def read_history(settings: Settings, archive: Archive, timeline: int) -> tuple[Switch, ...]:
    """The ancestors of a timeline, as its archived history says; none of the first.

    Raises BackupProgramFailed when it is missing or damaged.
    """
    if timeline == 1:
        return ()
    name = f"{timeline:08X}.history"
    text = pgbackrest(settings, "repo-get", f"archive/{STANZA}/{archive.archive_id}/{name}")
    try:
        return parse_history(timeline, text)
    except ValueError as problem:
        raise BackupProgramFailed(
            f"{name} in the archive is damaged ({problem})",
            hint="nothing can be restored beyond it; a copy may be in pg_wal of a server",
            exit_code=0,
        ) from problem


def _backups(info: Mapping[str, Any], database_id: int) -> tuple[Backup, ...]:
    """Those of the present database; of one before it the archive is another."""
    return listing_of({"backup": [*_of(info["backup"], database_id)]}).backups


def _of(items: Sequence[Mapping[str, Any]], database_id: int) -> Iterable[Mapping[str, Any]]:
    return (item for item in items if item["database"]["id"] == database_id)
