"""What pg_waldump prints of transactions and restore points. Pure."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from howdah.operations.backups.gaps import parse_lsn
from howdah.operations.restores.target import lsn_text, moment_text

_ENDED = re.compile(
    r"tx:\s+(\d+), lsn: ([0-9A-F]+/[0-9A-F]+),.* desc: (COMMIT|ABORT)(?:_PREPARED (\d+):)? "
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?) UTC"
)
_POINT = re.compile(r"lsn: ([0-9A-F]+/[0-9A-F]+),.* desc: RESTORE_POINT (.+)$")


@dataclass(frozen=True)
class Transaction:
    """The end of a transaction, where its record begins in the WAL."""

    xid: int
    lsn: int
    moment: datetime
    """When it committed, or gave up."""
    committed: bool = True

    def __str__(self) -> str:
        return f"transaction {self.xid} at {moment_text(self.moment)} ({lsn_text(self.lsn)})"


@dataclass(frozen=True)
class RestorePoint:
    """A named restore point."""

    name: str
    lsn: int


Record = Transaction | RestorePoint


def records_in(text: str) -> Iterator[Record]:
    """Ends of transactions and restore points, in their order."""
    for line in text.splitlines():
        if ended := _ENDED.search(line):
            yield Transaction(
                xid=int(ended[4] or ended[1]),
                lsn=parse_lsn(ended[2]),
                moment=datetime.fromisoformat(ended[5]).replace(tzinfo=UTC),
                committed=ended[3] == "COMMIT",
            )
        elif point := _POINT.search(line):
            yield RestorePoint(point[2].strip(), parse_lsn(point[1]))


def last_transaction(records: Iterable[Record], below: int | None = None) -> Transaction | None:
    """The last that committed, of those that begin below an LSN when one is given."""
    found = [
        item for item in records
        if isinstance(item, Transaction) and item.committed and (below is None or item.lsn < below)
    ]  # fmt: skip
    return found[-1] if found else None


def first_transaction(records: Iterable[Record], from_lsn: int) -> Transaction | None:
    """The first that committed at an LSN or above."""
    for item in records:
        if isinstance(item, Transaction) and item.committed and item.lsn >= from_lsn:
            return item
    return None
