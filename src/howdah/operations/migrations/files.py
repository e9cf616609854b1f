"""The folder of migration files: NNN_name.sql, each with an up and a down section.

The format is dbmate's, so that dbmate can run the folder too. Every mistake is found before
anything runs, and is named with its file and what to do.
"""

import hashlib
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path

from howdah.operations.migrations.history import Direction
from howdah.operations.migrations.mistakes import MigrationFileInvalid, mistake
from howdah.operations.migrations.sections import (
    Section,
    down_of,
    irreversible_of,
    markers_of,
    section_of,
)

__all__ = [
    "SNAPSHOT",
    "Migration",
    "MigrationFileInvalid",
    "Section",
    "parse_migration",
    "read_migrations",
]

FILE_NAME = re.compile(r"(?P<version>\d{3}|[1-9]\d{3,})_(?P<name>[a-z0-9]+(?:_[a-z0-9]+)*)\.sql")
SNAPSHOT = "schema.sql"
"""What all of them make together, in the same folder; no migration."""


@dataclass(frozen=True)
class Migration:
    """One file: its digits, its name, both ways, and the SHA-256 of its bytes.

    `irreversible` is the reason why there is no way back; the down section is empty then.
    """

    path: Path
    version: str
    text: str = field(repr=False)
    sha256: str
    irreversible: str = ""

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def number(self) -> int:
        return int(self.version)

    @cached_property
    def up(self) -> Section:
        """Raises MigrationFileInvalid; as the way down does."""
        up, down = markers_of(self.path, self.text)
        return section_of(self.path, self.text, up, end=down.start())

    @cached_property
    def down(self) -> Section:
        _, down = markers_of(self.path, self.text)
        return down_of(self.path, self.text, down, self.irreversible)

    def section(self, direction: Direction) -> Section:
        """The half of the file that goes this way."""
        return self.up if direction == "up" else self.down

    def check(self) -> None:
        """Raises MigrationFileInvalid for the first mistake in either half."""
        assert self.up
        assert self.down


def read_migrations(folder: Path, *, ran: Collection[str | None] = ()) -> tuple[Migration, ...]:
    """Every migration of the folder in the order they run.

    Files whose SHA-256 is in `ran` were checked when they ran and are not again, which is most
    of the time that a long history takes. Raises MigrationFileInvalid for the first that is wrong.
    """
    migrations = tuple(_read(path) for path in _files(folder))
    ordered = tuple(sorted(migrations, key=lambda item: (item.number, item.path.name)))
    _check_sequence(ordered)
    for migration in ordered:
        if migration.sha256 not in ran:
            migration.check()
    return ordered


def parse_migration(path: Path, text: str) -> Migration:
    """A migration from the text of its file, checked. Raises MigrationFileInvalid."""
    migration = _named(path, text)
    migration.check()
    return migration


def _named(path: Path, text: str) -> Migration:
    named = FILE_NAME.fullmatch(path.name)
    if named is None:
        raise mistake(
            path,
            "its name is not three digits (more from 1000 on), an underscore and a lower-case name",
            "Name it like 028_add_teams.sql; `howdah migrate new NAME` does.",
        )
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Migration(path, named["version"], text, digest, irreversible_of(path, text))


def _files(folder: Path) -> list[Path]:
    try:
        found = [path for path in folder.iterdir() if path.suffix == ".sql"]
    except (FileNotFoundError, NotADirectoryError) as failure:
        raise MigrationFileInvalid(
            f"There is no folder of migrations at {folder}.",
            hint="Run from a complete checkout or an installed wheel.",
        ) from failure
    except OSError as failure:
        raise MigrationFileInvalid(
            f"The folder of migrations {folder} cannot be read: {failure.strerror}.",
            hint="Give the user who migrates the right to read it.",
        ) from failure
    return [path for path in found if path.name != SNAPSHOT]


def _read(path: Path) -> Migration:
    try:
        # Bytes, so that the hash is that of the file: reading as text would translate line ends.
        return _named(path, path.read_bytes().decode("utf-8"))
    except UnicodeDecodeError as failure:
        raise mistake(path, "it is not UTF-8", "Save it as UTF-8.") from failure
    except OSError as failure:
        raise mistake(
            path,
            f"it cannot be read ({failure.strerror})",
            "Give the user who migrates the right to read it; nothing has run.",
        ) from failure


def _check_sequence(migrations: tuple[Migration, ...]) -> None:
    for first, second in pairwise(migrations):
        if first.number == second.number:
            raise mistake(
                second.path,
                f"its version {second.version} is taken by {first.path.name}",
                "Give the newer of the two the next free number.",
            )
    for number, migration in enumerate(migrations, start=1):
        if migration.number != number:
            raise mistake(
                migration.path,
                f"the version before it, {number:03d}, is missing",
                f"Add {number:03d}_….sql or renumber the files without a gap.",
            )
