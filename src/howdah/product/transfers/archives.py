"""Reading a zip archive that somebody uploaded: bounded, and nothing outside of it is touched.

Everything the directory of the archive declares is checked before anything is unpacked; what one
file unpacks to is bounded again while it is read. Nothing is written to disk.
"""

import json
import stat
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

from howdah.foundation.errors import InvalidInput
from howdah.product.transfers.conversion import Skipped, too_large
from howdah.product.transfers.exports import EXPORT_FORMAT, MANIFEST_NAME
from howdah.product.transfers.texts import size, storable

_ENCRYPTED = 0x1
_NAME_IS_UTF8 = 0x800
_LARGEST_MANIFEST_BYTES = 64 * 1024
_RATIO_MATTERS_FROM_BYTES = 64 * 1024 * 1024


class ArchiveRefused(InvalidInput):
    """The archive cannot be imported."""

    code = "archive_refused"


@dataclass(frozen=True)
class ArchiveLimits:
    """How much an archive may hold. The directory's size bounds the memory that opening takes."""

    max_members: int = 300_000
    max_directory_bytes: int = 48 * 1024 * 1024
    max_total_bytes: int = 4 * 1024 * 1024 * 1024
    max_member_bytes: int = 4 * 1024 * 1024
    max_ratio: int = 200
    max_path_characters: int = 1000


@dataclass(frozen=True)
class ArchiveFile:
    """A file of the archive; its path is relative, with forward slashes."""

    path: str
    data: bytes


DEFAULT_LIMITS = ArchiveLimits()


class Archive:
    """The files of a zip archive in the order of its directory, which does not change.

    `len()` counts the files that reading will yield, as files or as skipped. An export of ours
    yields its Markdown files alone: its JSON files repeat them.
    """

    def __init__(self, file: BinaryIO, limits: ArchiveLimits = DEFAULT_LIMITS) -> None:
        """Checks the whole archive against the limits; raises ArchiveRefused."""
        self._limits = limits
        archive_bytes = file.seek(0, 2)
        _check_directory(file, archive_bytes, limits)
        try:
            self._zip = ZipFile(file)
        except (BadZipFile, LargeZipFile, ValueError, NotImplementedError, UnicodeError) as failure:
            raise ArchiveRefused("The file is not a zip archive, or it is damaged.") from failure
        members = [info for info in self._zip.infolist() if not info.is_dir()]
        _check_members(members, archive_bytes, limits)
        self._members = self._without_copies(members)

    def __len__(self) -> int:
        return len(self._members)

    def read(self, start: int = 0) -> Iterator[ArchiveFile | Skipped]:
        """Each file from the given position on, one in memory at a time."""
        first_position: dict[str, int] = {}
        for position, info in enumerate(self._members):
            path = _path(info)
            earlier = first_position.setdefault(path, position)
            if position < start:
                continue
            reason = self._refusal(info, path)
            if reason is None and earlier != position:
                reason = "The archive holds another file with the same path."
            yield Skipped(path, reason) if reason else self._unpacked(info, path)

    def _refusal(self, info: ZipInfo, path: str) -> str | None:
        """Why a file is not unpacked, if so."""
        reason = _refused_path(path, self._limits.max_path_characters)
        if reason:
            return reason
        if stat.S_ISLNK(info.external_attr >> 16):
            return "It is a link, not a file."
        if info.flag_bits & _ENCRYPTED:
            return "It is encrypted."
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            return "It is compressed in another way than deflate."
        if info.file_size > self._limits.max_member_bytes:
            return too_large(info.file_size, self._limits.max_member_bytes)
        return None

    def _unpacked(self, info: ZipInfo, path: str) -> ArchiveFile | Skipped:
        try:
            with self._zip.open(info) as member:
                data = member.read(self._limits.max_member_bytes + 1)
        except (BadZipFile, EOFError, NotImplementedError, RuntimeError, ValueError, zlib.error):
            return Skipped(path, "It is damaged inside the archive.")
        if len(data) > self._limits.max_member_bytes:
            return Skipped(path, too_large(len(data), self._limits.max_member_bytes))
        return ArchiveFile(path, data)

    def _without_copies(self, members: list[ZipInfo]) -> list[ZipInfo]:
        """For an export of ours its Markdown files alone, else all members."""
        if not self._is_export(members):
            return members
        paths = {info.filename for info in members}
        return [info for info in members if not _repeats_markdown(info.filename, paths)]

    def _is_export(self, members: list[ZipInfo]) -> bool:
        manifest = next((info for info in members if info.filename == MANIFEST_NAME), None)
        if manifest is None or manifest.file_size > _LARGEST_MANIFEST_BYTES:
            return False
        unpacked = self._unpacked(manifest, MANIFEST_NAME)
        try:
            said = json.loads(unpacked.data) if isinstance(unpacked, ArchiveFile) else None
        except (ValueError, RecursionError):
            return False
        return isinstance(said, dict) and said.get("format") == EXPORT_FORMAT


def _repeats_markdown(path: str, paths: set[str]) -> bool:
    return path == MANIFEST_NAME or (
        path.endswith(".json") and f"{path.removesuffix('.json')}.md" in paths
    )


def _check_directory(file: BinaryIO, archive_bytes: int, limits: ArchiveLimits) -> None:
    """Refuses a directory too large to be held in memory, before zipfile reads all of it."""
    tail_bytes = min(archive_bytes, 22 + 65535)
    file.seek(archive_bytes - tail_bytes)
    tail = file.read(tail_bytes)
    end = tail.rfind(b"PK\x05\x06")
    declared = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if declared == 0xFFFFFFFF:  # in the zip64 record, which zipfile finds 56 + 20 bytes before
        record = tail[: max(end, 0)].rfind(b"PK\x06\x06")
        declared = int.from_bytes(tail[record + 40 : record + 48], "little") if record >= 0 else 0
    file.seek(0)
    if declared > limits.max_directory_bytes:
        raise ArchiveRefused(
            f"The archive's directory takes {size(declared)}, and at most "
            f"{size(limits.max_directory_bytes)} are read.",
            hint="Split the archive into several.",
        )


def _check_members(members: list[ZipInfo], archive_bytes: int, limits: ArchiveLimits) -> None:
    if len(members) > limits.max_members:
        raise ArchiveRefused(
            f"The archive holds {len(members)} files, and at most {limits.max_members} are read.",
            hint="Split the archive into several.",
        )
    total_bytes = sum(info.file_size for info in members)
    if total_bytes > limits.max_total_bytes:
        raise ArchiveRefused(
            f"The archive unpacks to {size(total_bytes)}, and the limit is "
            f"{size(limits.max_total_bytes)}.",
            hint="Split the archive into several.",
        )
    ratio = total_bytes // max(archive_bytes, 1)
    if total_bytes > _RATIO_MATTERS_FROM_BYTES and ratio > limits.max_ratio:
        raise ArchiveRefused(
            f"The archive unpacks to {ratio} times its size, which no archive of documents does.",
            hint="Import the files themselves.",
        )


def _path(info: ZipInfo) -> str:
    """The member's path with forward slashes, its name read as UTF-8 where it can be.

    Many programs write UTF-8 without saying so, which zipfile then reads as code page 437.
    """
    name = info.filename
    if not info.flag_bits & _NAME_IS_UTF8:
        try:
            name = name.encode("cp437").decode("utf-8")
        except UnicodeError:
            name = info.filename
    parts = storable(name).replace("\\", "/").split("/")
    kept = [part for part in parts if part not in ("", ".")]
    return ("/" if parts[0] == "" else "") + "/".join(kept)


def _refused_path(path: str, max_characters: int) -> str | None:
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or ".." in parts or parts[0].endswith(":"):
        return "Its path leads outside the archive."
    if len(path) > max_characters:
        return f"Its path is longer than {max_characters} characters."
    if any(not part.isprintable() for part in parts):
        return "Its path holds control characters."
    if any(part.startswith(".") or part == "__MACOSX" for part in parts):
        return "It is a hidden file."
    return None
