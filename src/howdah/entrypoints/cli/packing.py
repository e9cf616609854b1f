"""What `howdah document import` uploads: one file as it is, or a folder as a zip archive."""

import os
import zipfile
from pathlib import Path
from typing import IO, NoReturn

from howdah.foundation.errors import CommandFailed, InvalidInput


def packed(source: Path, file: IO[bytes]) -> str:
    """Write what is to be uploaded to the file; returns the name it goes by.

    Raises InvalidInput that names what cannot be read; then nothing is uploaded.
    """
    try:
        if source.is_file():
            file.write(source.read_bytes())
            return source.name
        _pack(source, file)
    except OSError as failure:
        _refuse(failure)
    return f"{source.resolve().name}.zip"


def _pack(folder: Path, file: IO[bytes]) -> None:
    found = files_in(folder)
    if not found:
        raise InvalidInput(f"there is no file in {folder}", hint="name a folder with documents")
    with zipfile.ZipFile(
        file, "w", zipfile.ZIP_DEFLATED, compresslevel=1, strict_timestamps=False
    ) as archive:
        for path in found:
            archive.write(path, _readable(path.relative_to(folder)))


def files_in(folder: Path) -> list[Path]:
    """The files in a folder and below, in order; links that lead out of it are left out.

    Raises OSError for a folder that cannot be looked into.
    """
    inside = folder.resolve()
    every = (
        Path(where, name)
        for where, _, names in os.walk(folder, onerror=_raise)
        for name in names
    )  # fmt: skip
    return sorted(
        path for path in every if path.is_file() and path.resolve().is_relative_to(inside)
    )


def _readable(name: Path) -> str:
    """The name in UTF-8, which file systems do not insist on and archives do."""
    return os.fsencode(name).decode("utf-8", "replace")


def _raise(failure: OSError) -> NoReturn:
    raise failure


def _refuse(failure: OSError) -> NoReturn:
    if failure.filename is None:  # the temporary file: a full disk
        raise CommandFailed(f"the archive to upload cannot be written: {failure.strerror}")
    raise InvalidInput(
        f"{_readable(Path(failure.filename))} cannot be read: {failure.strerror}",
        hint="make it readable, or leave it out; nothing was imported",
    )
