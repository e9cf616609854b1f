"""The folder of migration files: NNN_name.sql, each with an up and a down section.

The format is dbmate's, so that dbmate can run the folder too. Every mistake is found before
anything runs, and is named with its file and what to do.
"""

import hashlib
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from howdah.operations.migrations.backfill import Backfill, parse_backfill
from howdah.operations.migrations.history import Direction
from howdah.operations.migrations.mistakes import MigrationFileInvalid, mistake
from howdah.operations.migrations.statements import SqlStatement, split_statements

__all__ = ["Migration", "MigrationFileInvalid", "Section", "parse_migration", "read_migrations"]

FILE_NAME = re.compile(r"(?P<version>\d{3}|[1-9]\d{3,})_(?P<name>[a-z0-9]+(?:_[a-z0-9]+)*)\.sql")
MARKER = re.compile(r"^--\s*migrate:(?P<direction>\w+)[^\S\n]*(?P<options>[^\n]*)$", re.MULTILINE)
IRREVERSIBLE = re.compile(r"^--\s*irreversible:[^\S\n]*(?P<reason>[^\n]*)$", re.MULTILINE)
SNAPSHOT = "schema.sql"
"""What all of them make together, in the same folder; no migration."""
TRANSACTION_CONTROL = frozenset({"begin", "commit", "end", "rollback", "start", "abort"})


@dataclass(frozen=True)
class Section:
    """The up or the down half of a file; lines count from 1 within the file."""

    statements: tuple[SqlStatement, ...]
    in_transaction: bool
    backfill: Backfill | None = None
    """How its one statement is run in batches, if it is."""


@dataclass(frozen=True)
class Migration:
    """One file: its digits, its name, both ways, and the SHA-256 of its bytes.

    `irreversible` is the reason why there is no way back; the down section is empty then.
    """

    path: Path
    version: str
    up: Section
    down: Section
    sha256: str
    irreversible: str = ""

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def number(self) -> int:
        return int(self.version)

    def section(self, direction: Direction) -> Section:
        """The half of the file that goes this way."""
        return self.up if direction == "up" else self.down


def read_migrations(folder: Path) -> tuple[Migration, ...]:
    """Every migration of the folder in the order they run.

    Raises MigrationFileInvalid for the first file that is wrong.
    """
    migrations = tuple(_read(path) for path in _files(folder))
    ordered = tuple(sorted(migrations, key=lambda item: (item.number, item.path.name)))
    _check_sequence(ordered)
    return ordered


def parse_migration(path: Path, text: str) -> Migration:
    """A migration from the text of its file. Raises MigrationFileInvalid."""
    named = FILE_NAME.fullmatch(path.name)
    if named is None:
        raise mistake(
            path,
            "its name is not three digits (more from 1000 on), an underscore and a lower-case name",
            "Name it like 028_add_teams.sql; `howdah migrate new NAME` does.",
        )
    up, down = _markers(path, text)
    irreversible = _irreversible(path, text)
    return Migration(
        path,
        named["version"],
        up=_section(path, text, up, end=down.start() if down else len(text)),
        down=_down(path, text, down, irreversible),
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        irreversible=irreversible,
    )


def _files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        raise MigrationFileInvalid(
            f"There is no folder of migrations at {folder}.",
            hint="Run from a complete checkout or an installed wheel.",
        )
    try:
        found = [path for path in folder.iterdir() if path.suffix == ".sql"]
        return [path for path in found if path.name != SNAPSHOT]
    except OSError as failure:
        raise MigrationFileInvalid(
            f"The folder of migrations {folder} cannot be read: {failure.strerror}.",
            hint="Give the user who migrates the right to read it.",
        ) from failure


def _read(path: Path) -> Migration:
    try:
        # Bytes, so that the hash is that of the file: reading as text would translate line ends.
        return parse_migration(path, path.read_bytes().decode("utf-8"))
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


def _markers(path: Path, text: str) -> tuple[re.Match[str], re.Match[str] | None]:
    """The up and the down marker, each once and in this order; down only where there is one."""
    markers = list(MARKER.finditer(text))
    found = [marker["direction"] for marker in markers]
    for direction in ("up", "down"):
        if direction not in found and (direction == "up" or not IRREVERSIBLE.search(text)):
            raise mistake(
                path,
                f"it has no `-- migrate:{direction}` section",
                f"Add one; `-- migrate:{direction}` stands on a line of its own."
                + (" No way back? `-- irreversible: REASON`." if direction == "down" else ""),
            )
    if found not in (["up", "down"], ["up"]):
        raise mistake(
            path,
            f"its sections are {', '.join(found)}",
            "Keep one `-- migrate:up` and after it one `-- migrate:down`.",
        )
    if split_statements(text[: markers[0].start()]):
        raise mistake(
            path,
            "there are statements before `-- migrate:up`",
            "Only comments may stand there.",
        )
    return markers[0], markers[1] if len(markers) > 1 else None


def _irreversible(path: Path, text: str) -> str:
    """Why there is no way back; empty when there is one."""
    found = IRREVERSIBLE.search(text)
    if found is None:
        return ""
    reason = found["reason"].strip()
    if not reason:
        raise mistake(
            path,
            "it says `-- irreversible:` without a reason",
            "Say why on the same line, for whoever wants to go back.",
        )
    return reason


def _down(path: Path, text: str, marker: re.Match[str] | None, irreversible: str) -> Section:
    """The way back; without statements for a migration that says why it has none."""
    if not irreversible and marker is not None:
        return _section(path, text, marker, end=len(text))
    if marker is not None and split_statements(text[marker.end() :]):
        raise mistake(
            path,
            "it says `-- irreversible:` and has a down section",
            "Keep one of the two.",
        )
    return Section((), in_transaction=True)


def _section(path: Path, text: str, marker: re.Match[str], end: int) -> Section:
    in_transaction = _in_transaction(path, marker)
    line_before = text.count("\n", 0, marker.end())
    statements = tuple(
        SqlStatement(statement.text, line_before + statement.line)
        for statement in split_statements(text[marker.end() : end])
    )
    _check_statements(path, marker["direction"], statements, in_transaction)
    backfill = parse_backfill(
        path, text[marker.end() : end], statements, in_transaction=in_transaction
    )
    return Section(statements, in_transaction, backfill)


def _in_transaction(path: Path, marker: re.Match[str]) -> bool:
    options = marker["options"].split()
    if options not in ([], ["transaction:true"], ["transaction:false"]):
        raise mistake(
            path,
            f"`{marker[0]}` has an option that is not known",
            "The one option is transaction:false.",
        )
    return options != ["transaction:false"]


def _check_statements(
    path: Path, direction: str, statements: tuple[SqlStatement, ...], in_transaction: bool
) -> None:
    if not statements:
        raise mistake(
            path,
            f"its {direction} section is empty",
            "Write the statements; where there is nothing to do, `SELECT 1;` and a comment why"
            + ("; where there is no way back, `-- irreversible: REASON`." * (direction == "down")),
        )
    if not in_transaction and len(statements) > 1:
        raise mistake(
            path,
            f"its {direction} section has transaction:false and {len(statements)} statements",
            "Keep one statement there and move the others to migrations of their own: "
            "sent together, they would run in a transaction after all.",
        )
    for statement in statements:
        if in_transaction and statement.words.partition(" ")[0] in TRANSACTION_CONTROL:
            raise mistake(
                path,
                f"line {statement.line} begins or ends a transaction",
                "Remove it: the whole section is one transaction already.",
            )
