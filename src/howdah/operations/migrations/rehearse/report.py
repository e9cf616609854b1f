"""What a rehearsal found: data, and how it is judged. Times in seconds."""

from dataclasses import dataclass

STRENGTH = (
    "AccessShareLock",
    "RowShareLock",
    "RowExclusiveLock",
    "ShareUpdateExclusiveLock",
    "ShareLock",
    "ShareRowExclusiveLock",
    "ExclusiveLock",
    "AccessExclusiveLock",
)
"""PostgreSQL's lock modes, the weakest first."""


@dataclass(frozen=True)
class LockReport:
    """The strongest lock on one table that a statement took."""

    table: str
    mode: str
    held_seconds: float
    """From the start of the statement to the end of its transaction."""


@dataclass(frozen=True)
class QueryReport:
    """One kind of the application's queries, over a time."""

    name: str
    count: int
    failed: int
    slowest_seconds: float
    p99_seconds: float


@dataclass(frozen=True)
class StatementReport:
    """One statement of one migration, one way."""

    migration: str
    direction: str
    line: int
    statement: str
    seconds: float
    locks: tuple[LockReport, ...]
    rows: int
    """Rows that it wrote or returned, as PostgreSQL counts them."""
    rewritten: dict[str, int]
    """Table → rows, of those that were copied whole into a new file."""
    wal_bytes: int
    slowest_query: str
    slowest_query_seconds: float
    failed_queries: int
    gave_up: bool
    """Whether it failed and was tried again: a lock was not to be had in time."""


@dataclass(frozen=True)
class Rehearsal:
    """A whole rehearsal: the ways up, down and up again."""

    source: str
    masked_rows: dict[str, int]
    rows: dict[str, int]
    """Table → rows in the copy, of the largest tables."""
    pending: tuple[str, ...]
    statements: tuple[StatementReport, ...]
    before: tuple[QueryReport, ...]
    """The application's queries before any migration ran."""
    meanwhile: tuple[QueryReport, ...]
    failures: tuple[str, ...]
    """What the application was told, each kind once."""
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether it may run where it matters."""
        return not self.problems
