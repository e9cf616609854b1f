"""Files of jobs, kept in the database in pieces: no host needs another's disk."""

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO
from uuid import UUID

from howdah.foundation.database import Queries, Statement, Transaction
from howdah.foundation.errors import InvalidInput

PIECE_BYTES = 1024 * 1024
MOST_BYTES = 512 * 1024 * 1024

ADD = Statement(
    "job_file_add",
    "INSERT INTO job_files (job_id, org_id, piece, data) VALUES (%s, %s::integer, %s, %s)",
)
DROP = Statement("job_file_drop", "DELETE FROM job_files WHERE job_id = %s")
GET = Statement("job_file_piece", "SELECT data FROM job_files WHERE job_id = %s AND piece = %s")
SIZE = Statement(
    "job_file_size",
    "SELECT coalesce(sum(octet_length(data)), 0)::bigint FROM job_files WHERE job_id = %s",
)


class PieceWriter(io.RawIOBase):
    """A file to write to from beginning to end; it passes on pieces of PIECE_BYTES."""

    def __init__(self, store: Callable[[int, bytes], None]):
        """`store(number, data)` is called for each piece, from 0 on."""
        self._store = store
        self._buffer = bytearray()
        self._stored_pieces = 0

    def writable(self) -> bool:
        return True

    def write(self, data: "bytes | bytearray | memoryview") -> int:  # type: ignore[override]
        self._buffer += data
        while len(self._buffer) >= PIECE_BYTES:
            self._pass_on(bytes(self._buffer[:PIECE_BYTES]))
            del self._buffer[:PIECE_BYTES]
        return len(data)

    def finish(self) -> int:
        """Pass the rest on; returns the bytes of all pieces."""
        rest = len(self._buffer)
        total_bytes = self._stored_pieces * PIECE_BYTES + rest
        if rest:
            self._pass_on(bytes(self._buffer))
            self._buffer.clear()
        return total_bytes

    def _pass_on(self, piece: bytes) -> None:
        self._store(self._stored_pieces, piece)
        self._stored_pieces += 1


def add_piece(
    transaction: Transaction, job_id: UUID, org_id: int, number: int, data: bytes
) -> None:
    """Store one piece."""
    transaction.execute(ADD, (job_id, org_id, number, data))


def drop_pieces(transaction: Transaction, job_id: UUID) -> None:
    """Forget the job's file."""
    transaction.execute(DROP, (job_id,))


def store_file(transaction: Transaction, job_id: UUID, org_id: int, data: Iterable[bytes]) -> int:
    """Store a file that comes in chunks of any size; returns its bytes. Round trips: 1 a piece.

    Raises InvalidInput when it is empty or larger than MOST_BYTES.
    """
    received_bytes = 0
    writer = PieceWriter(
        lambda number, piece: add_piece(transaction, job_id, org_id, number, piece)
    )
    for chunk in data:
        received_bytes += len(chunk)
        if received_bytes > MOST_BYTES:
            limit = MOST_BYTES // (1024 * 1024)
            raise InvalidInput(
                f"The file is larger than {limit} MiB.", hint="Split it into several."
            )
        writer.write(chunk)
    if received_bytes == 0:
        raise InvalidInput("The file is empty.")
    return writer.finish()


def pieces(queries: Queries, job_id: UUID) -> Iterator[bytes]:
    """The file from its beginning, a piece in memory at a time. Round trips: 1 a piece."""
    number = 0
    while (row := queries.one(GET, (job_id, number))) is not None:
        yield bytes(row["data"])
        number += 1


def size_bytes(queries: Queries, job_id: UUID) -> int:
    """Bytes of the whole file, 0 when there is none (any more)."""
    return int(queries.value(SIZE, (job_id,)) or 0)


def spooled(queries: Queries, job_id: UUID) -> BinaryIO:
    """The file on this host's disk, nameless: it is gone when it is closed. Seekable."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (handed to the caller, who closes it)
    for piece in pieces(queries, job_id):
        file.write(piece)
    file.seek(0)
    return file
