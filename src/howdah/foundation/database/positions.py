"""How far the history of changes has got: a timeline and a place in its write-ahead log.

Written `<timeline>-<lsn>`, e.g. `1-0/3A4F2B8`, as howdah.position() says it after a commit. A
server that has replayed a position has every change that was committed before it.
"""

import re
from dataclasses import dataclass
from typing import Self

PATTERN = r"^[1-9][0-9]{0,8}-[0-9A-F]{1,8}/[0-9A-F]{1,8}$"
WRITTEN = re.compile(r"([1-9][0-9]{0,8})-([0-9A-F]{1,8})/([0-9A-F]{1,8})", re.ASCII)
SORTABLE = re.compile(r"([0-9]{10})-([0-9A-F]{8})/([0-9A-F]{8})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place in the history; a later timeline comes after every place of an earlier one."""

    timeline: int
    lsn: int
    """Bytes of write-ahead log since the cluster was made."""

    @classmethod
    def of(cls, text: str) -> Self | None:
        """The position that the text says, in either of its spellings; None when it says none."""
        found = WRITTEN.fullmatch(text) or SORTABLE.fullmatch(text)
        if found is None:
            return None
        timeline, high, low = found.groups()
        return cls(int(timeline), int(high, 16) << 32 | int(low, 16))

    @property
    def lsn_text(self) -> str:
        """As PostgreSQL's type pg_lsn writes it."""
        return f"{self.lsn >> 32:X}/{self.lsn & 0xFFFFFFFF:X}"

    @property
    def sortable(self) -> str:
        """The same in a fixed width: texts compare as the positions do."""
        return f"{self.timeline:010d}-{self.lsn >> 32:08X}/{self.lsn & 0xFFFFFFFF:08X}"

    def __str__(self) -> str:
        return f"{self.timeline}-{self.lsn_text}"
