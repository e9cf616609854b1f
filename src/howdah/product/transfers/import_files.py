"""From an uploaded file to batches of converted documents, read beside the writing of the last.

Files are converted in a process of their own: what a stranger's page makes of a parser ends that
page and not the worker, and one batch is converted while the one before it is written.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, Protocol

from howdah.foundation.queue.isolation import CallFailed, IsolatedCalls
from howdah.product.transfers.archives import Archive, ArchiveFile
from howdah.product.transfers.conversion import (
    ConversionLimits,
    Converted,
    Skipped,
    convert,
    too_large,
)
from howdah.product.transfers.import_batches import Batch

FILES_IN_BATCH = 50
BYTES_IN_BATCH = 2 * 1024 * 1024
CONVERSION_SECONDS = 30.0
CONVERSION_MEMORY_BYTES = 2 * 1024 * 1024 * 1024

Given = Sequence[ArchiveFile | Skipped]
Outcome = list[Converted | Skipped]
Converter = IsolatedCalls[tuple[Given, ConversionLimits], Outcome]


class Source(Protocol):
    """Files in an order that stays the same when the job is resumed."""

    def __len__(self) -> int: ...

    def read(self, start: int = 0) -> Iterator[ArchiveFile | Skipped]: ...


class SingleFile:
    """An upload that is itself the one file."""

    def __init__(self, name: str, file: BinaryIO, limits: ConversionLimits):
        self._name = name
        self._file = file
        self._limits = limits

    def __len__(self) -> int:
        return 1

    def read(self, start: int = 0) -> Iterator[ArchiveFile | Skipped]:
        """The file, unless it was read before the job was resumed."""
        if start:
            return
        most = self._limits.max_source_bytes
        size = self._file.seek(0, 2)
        self._file.seek(0)
        if size > most:
            yield Skipped(self._name, too_large(size, most))
        else:
            yield ArchiveFile(self._name, self._file.read())


def source_of(name: str, is_archive: bool, file: BinaryIO, limits: ConversionLimits) -> Source:
    """What to read the files from. Raises ArchiveRefused."""
    return Archive(file) if is_archive else SingleFile(name, file, limits)


def converter() -> Converter:
    """The process that converts; a context manager."""
    return IsolatedCalls(
        convert_files, timeout_seconds=CONVERSION_SECONDS, memory_bytes=CONVERSION_MEMORY_BYTES
    )


def convert_files(given: tuple[Given, ConversionLimits]) -> Outcome:
    """Each file converted; runs in the converter's process."""
    files, limits = given
    return [
        file if isinstance(file, Skipped) else convert(file.path, file.data, limits)
        for file in files
    ]


def converted_batches(
    source: Source, start: int, calls: Converter, limits: ConversionLimits
) -> Iterator[Batch]:
    """Batches from the file at `start` on; each is converted while the caller writes the last."""
    collect: Callable[[], Batch] | None = None
    for first, files in _batches(source, start):
        ready = collect() if collect else None
        calls.submit((files, limits))
        collect = _Pending(calls, first, files, limits)
        if ready:
            yield ready
    if collect:
        yield collect()


class _Pending:
    """A batch that is being converted; calling it waits for the outcome."""

    def __init__(self, calls: Converter, first: int, files: Given, limits: ConversionLimits):
        self._calls = calls
        self._first = first
        self._files = files
        self._limits = limits

    def __call__(self) -> Batch:
        try:
            outcome = self._calls.result()
        except CallFailed:
            outcome = [self._alone(file) for file in self._files]
        return Batch(self._first, self._first + len(self._files), outcome)

    def _alone(self, file: ArchiveFile | Skipped) -> Converted | Skipped:
        """One file of a batch that failed: only the one at fault is skipped."""
        self._calls.submit(([file], self._limits))
        try:
            return self._calls.result()[0]
        except CallFailed as failure:
            return Skipped(file.path, f"Reading it failed. {failure.message}")


def _batches(source: Source, start: int) -> Iterator[tuple[int, Given]]:
    """The position of the first file, and files that fit into a batch."""
    first, size_bytes = start, 0
    files: list[ArchiveFile | Skipped] = []
    for file in source.read(start):
        files.append(file)
        size_bytes += len(file.data) if isinstance(file, ArchiveFile) else 0
        if len(files) >= FILES_IN_BATCH or size_bytes >= BYTES_IN_BATCH:
            yield first, files
            first, size_bytes, files = first + len(files), 0, []
    if files:
        yield first, files
