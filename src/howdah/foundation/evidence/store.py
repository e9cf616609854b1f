"""Files of evidence: complete or not there, readable by everybody, never overwritten."""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from howdah.foundation.errors import CommandFailed

MODE = 0o644
FOLDER_MODE = 0o755


@dataclass(frozen=True)
class Kept:
    """One document of evidence and its file."""

    path: Path
    document: dict[str, Any]


def keep_evidence(
    folder: Path, name: str, document: Mapping[str, Any], moment: datetime | None = None
) -> Path:
    """Write the document to `<folder>/<UTC moment>-<name>.json`; returns the file.

    A second document of the same second gets a number. Raises CommandFailed when the folder
    cannot be written to: evidence that is not kept is none.
    """
    when = (moment or datetime.now(UTC)).astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    text = json.dumps(document, indent=2, ensure_ascii=False, default=str) + "\n"
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        return _placed(_written(folder, text), folder / f"{when}-{name}.json")
    except OSError as problem:
        raise CommandFailed(
            f"the evidence cannot be kept in {folder} ({problem.strerror})",
            hint="make room, or give the folder to the user who runs this",
        ) from problem


def evidence_of(folder: Path, name: str | None = None) -> Iterator[Kept]:
    """What was kept there, the newest first; only that of `name` when given.

    A file that is no JSON object is left out: it was not written here.
    """
    for path in sorted(folder.glob("*.json"), key=_order, reverse=True):
        if name is not None and _name_in(path) != name:
            continue
        try:
            document = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, json.JSONDecodeError):
            continue
        if isinstance(document, dict):
            yield Kept(path, document)


def _order(path: Path) -> tuple[str, int]:
    """Moment, then the number among those of one second."""
    number = path.stem.partition(".")[2]
    return path.stem.partition("-")[0], int(number) if number.isdecimal() else 1


def _name_in(path: Path) -> str:
    return path.stem.partition("-")[2].partition(".")[0]


def _written(folder: Path, text: str) -> Path:
    """The text in a file of its own that nobody looks at yet, safely on the disk."""
    partial = folder / f".partial.{os.getpid()}"
    with partial.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), MODE)
        os.fsync(file.fileno())
    return partial


def _placed(partial: Path, wanted: Path) -> Path:
    """Give the file its name, or the next free one: a link, unlike a rename, replaces nothing."""
    target, number = wanted, 1
    try:
        while True:
            try:
                target.hardlink_to(partial)
                return target
            except FileExistsError:
                number += 1
                target = wanted.with_name(f"{wanted.stem}.{number}.json")
    finally:
        partial.unlink()
