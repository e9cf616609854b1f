"""Copies of a repository that a test may damage."""

import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from howdah.foundation.processes.accounts import POSTGRESQL, own
from howdah.foundation.rendering.pgbackrest import (
    STANZA,
    RepositoryKeys,
    pgbackrest_conf,
    repository_path,
)
from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import Segment


@dataclass(frozen=True)
class RepositoryCopy:
    """A repository that nobody archives into, and settings that lead to it."""

    settings: Settings
    folder: Path

    @property
    def backups(self) -> Path:
        """Where backups are."""
        return self.folder / "backup" / STANZA

    @property
    def archive(self) -> Path:
        """Where WAL is."""
        return self.folder / "archive" / STANZA

    def backup_files(self, label: str) -> list[Path]:
        """What is stored of the database, the largest first."""
        files = (self.backups / label / "pg_data").rglob("*.zst")
        return sorted(files, key=lambda path: path.stat().st_size, reverse=True)

    def manifest(self, label: str) -> Path:
        """The list of a backup's files."""
        return self.backups / label / "backup.manifest"

    def segments(self) -> list[Path]:
        """Archived WAL, oldest first."""
        found = self.archive.glob("*-*/*/*.zst")
        return sorted(path for path in found if len(path.name.partition("-")[0]) == 24)

    def segment(self, segment: Segment) -> Path:
        """The file of a segment."""
        (found,) = (item for item in self.segments() if item.name.startswith(segment.name()))
        return found

    def use_key(self, passphrase: str) -> None:
        """Read it with another key from now on."""
        topology, layout = self.settings.topology, self.settings.layout
        target = layout.pgbackrest_configuration()
        text = pgbackrest_conf(topology, layout, RepositoryKeys(passphrase))
        target.write_text(text, encoding="utf-8")
        own(target, POSTGRESQL, 0o600)


def copied(original: Settings, folder: Path, source: Path | None = None) -> RepositoryCopy:
    """The repository of a running stack, copied below `folder`, which PostgreSQL's account enters.

    As it is now, or from an earlier copy (`source`). The home there holds what pgBackRest needs,
    and nothing else.
    """
    target = folder / "repository"
    backup = replace(original.topology.backup, path=str(target))
    settings = replace(
        original, home=folder / "home", topology=replace(original.topology, backup=backup)
    )
    layout = settings.layout
    for made in (layout.configuration, layout.backup_run, layout.spool, layout.data):
        made.mkdir(parents=True)
        own(made, POSTGRESQL, 0o755)
    origin = source or Path(repository_path(original.topology, original.layout))
    subprocess.run(["cp", "-a", origin, target], check=True)
    copy = RepositoryCopy(settings, target)
    copy.use_key(original.secret("repository_key"))
    return copy


def flip(path: Path, place: float = 0.5) -> None:
    """Change one byte of a file, at a place between its beginning (0) and its end (1)."""
    content = bytearray(path.read_bytes())
    content[int(place * (len(content) - 1))] ^= 0xFF
    path.write_bytes(content)
