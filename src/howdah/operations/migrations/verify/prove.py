"""Run every migration up, down and up again, with rows in the tables, and compare."""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from howdah.foundation.settings import Settings
from howdah.operations.migrations.drift.hashes import FILE as HASHES
from howdah.operations.migrations.drift.hashes import hash_file
from howdah.operations.migrations.dump import comparable, dump_schema
from howdah.operations.migrations.files import SNAPSHOT, Migration, read_migrations
from howdah.operations.migrations.run import migrate_down, migrate_up
from howdah.operations.migrations.scratch import scratch_database
from howdah.operations.migrations.verify.rows import (
    Contents,
    contents,
    lost,
    seed,
    table_names,
)

FORGETS = re.compile(r"^--\s*forgets:\s*(?P<reason>\S.*)$", re.MULTILINE)
MOST_LINES = 40
HEADER = """\
-- The schema that all migrations make together, for reading and for comparing. Nothing runs it.
-- Written by `./howdah migrate verify --write-schema`; a test proves that it is up to date.

"""
EVERYTHING = "everything"


@dataclass(frozen=True)
class Proof:
    """One migration (or `everything`), how long each way took, and what is wrong with it."""

    name: str
    up_seconds: float
    down_seconds: float
    again_seconds: float
    problems: tuple[str, ...]
    forgets: str | None = None
    """Why its way down need not bring back the rows as they were, or why it has none."""


@dataclass(frozen=True)
class Verification:
    """Every proof, and how the committed snapshot differs from what all migrations make."""

    proofs: tuple[Proof, ...]
    snapshot: tuple[str, ...]
    made: Mapping[str, str]
    """Name of each file of the snapshot → its text as it should be."""

    @property
    def proven(self) -> bool:
        """Whether nothing is wrong."""
        return not self.snapshot and not any(proof.problems for proof in self.proofs)


Tell = Callable[[Proof], None]


def verify_migrations(settings: Settings, tell: Tell) -> Verification:
    """Prove each migration by itself, then all of them at once; `tell` hears of each.

    Raises MigrationFileInvalid, MigrationFailed, SeedsInvalid, Unavailable.
    """
    migrations = read_migrations(settings.migrations)
    with scratch_database(settings) as target:
        migrate_down(target, to="000")  # makes the ledger, which is not of any migration
        bench = _Bench(target, table_names(target), comparable(dump_schema(target)))
        proofs = []
        for migration in migrations:
            proofs.append(bench.prove(migration))
            tell(proofs[-1])
        proofs.append(bench.prove_everything())
        tell(proofs[-1])
        newest = migrations[-1].version if migrations else "000"
        made = {SNAPSHOT: HEADER + dump_schema(target), HASHES: hash_file(target, newest)}
    snapshot = [
        line for name, text in made.items() for line in _difference(_written(settings, name), text)
    ]
    return Verification(tuple(proofs), tuple(snapshot), made)


def write_snapshot(settings: Settings, found: Verification) -> list[Path]:
    """Write the schema that was proven, and the hashes of its objects; returns the files."""
    paths = [settings.migrations / name for name in found.made]
    for path in paths:
        path.write_text(found.made[path.name], encoding="utf-8")
    return paths


def _written(settings: Settings, name: str) -> str:
    """The committed file; nothing when it is missing."""
    with suppress(FileNotFoundError):
        return (settings.migrations / name).read_text(encoding="utf-8")
    return ""


class _Bench:
    """The scratch database and what it looked like."""

    def __init__(self, target: Settings, ledger: frozenset[str], schema: str):
        self._target = target
        self._ledger = ledger
        self._schema = schema
        self._lowest = "000"
        self._schema_of_lowest = schema

    def prove(self, migration: Migration) -> Proof:
        """Up, down, up: the schema is the same each time, and so are the rows."""
        rows = self._rows()
        up_seconds = _timed(lambda: migrate_up(self._target, migration.version))
        up_schema, up_rows = self._dump(), self._rows()
        if migration.irreversible:
            self._lowest, self._schema_of_lowest = migration.version, up_schema
            proof = Proof(migration.name, up_seconds, 0.0, 0.0, (), migration.irreversible)
        else:
            proof = self._both_ways(migration, rows, up_seconds, up_schema, up_rows)
        self._schema = up_schema
        seed(self._target, migration.version)
        return proof

    def _both_ways(
        self,
        migration: Migration,
        rows: Contents,
        up_seconds: float,
        up_schema: str,
        up_rows: Contents,
    ) -> Proof:
        """What the way down leaves, and what the second way up brings."""
        down_seconds = _timed(lambda: migrate_down(self._target))
        problems = [*_named("after DOWN", _difference(self._schema, self._dump()))]
        forgets = FORGETS.search(migration.path.read_text(encoding="utf-8"))
        if not forgets:
            problems += _named("rows after DOWN", lost(rows, self._rows()))
        again_seconds = _timed(lambda: migrate_up(self._target, migration.version))
        problems += _named("after UP again", _difference(up_schema, self._dump()))
        problems += _named("rows after UP again", _uncounted(up_rows, self._rows()))
        reason = forgets["reason"] if forgets else None
        return Proof(
            migration.name, up_seconds, down_seconds, again_seconds, tuple(problems), reason
        )

    def prove_everything(self) -> Proof:
        """All the way down leaves what was there before; all the way up brings the same again.

        Down to the newest migration that has no way back, if there is one.
        """
        down_seconds = _timed(lambda: migrate_down(self._target, to=self._lowest))
        problems = [*_named("after DOWN of all", _difference(self._schema_of_lowest, self._dump()))]
        up_seconds = _timed(lambda: migrate_up(self._target))
        problems += _named("after UP of all", _difference(self._schema, self._dump()))
        return Proof(EVERYTHING, up_seconds, down_seconds, 0.0, tuple(problems))

    def _dump(self) -> str:
        return comparable(dump_schema(self._target))

    def _rows(self) -> Contents:
        return contents(self._target, self._ledger)


def _uncounted(before: Contents, after: Contents) -> list[str]:
    """Tables with another number of rows; their values may hold the time of the way up."""

    def counts(states: Contents) -> Contents:
        return {name: state.partition(",")[0] for name, state in states.items()}

    return lost(counts(before), counts(after))


def _timed(work: Callable[[], object]) -> float:
    begun = time.monotonic()
    work()
    return time.monotonic() - begun


def _named(step: str, lines: list[str]) -> Iterator[str]:
    """The lines as one problem, if there are any."""
    if lines:
        yield "\n".join([f"{step}:", *lines])


def _difference(expected: str, actual: str) -> list[str]:
    """Lines that begin with - for what is missing and + for what is too much."""
    if expected == actual:
        return []
    lines = unified_diff(expected.splitlines(), actual.splitlines(), n=1, lineterm="")
    found = [line for line in lines if not line.startswith(("---", "+++"))]
    more = len(found) - MOST_LINES
    return found[:MOST_LINES] + ([f"… and {more} lines more"] if more > 0 else [])
