"""Our own rules: what squawk does not look for and this system needs.

A rule is a function from a file and its folder to the places that break it. Each has a page in
docs/reference/migration-lint/ that says what, why, and how to write it instead.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from howdah.operations.migrations.lint.indexes import unindexed_references
from howdah.operations.migrations.lint.source import Source, bare
from howdah.operations.migrations.statements import SqlStatement

SETS_SESSION = re.compile(r"set (?!local\b|constraints\b|transaction\b)|reset ")
GRANTS_ALL = re.compile(r"grant .*\bon all tables in schema\b")
GRANTS_PUBLIC = re.compile(r"grant .*\bto (?:\w+ )*public\b")
CHANGES_ROWS = re.compile(r"(?:update|delete from) (?:only )?(?:public )?(\w+)|with\b.* update \w")
ALTERS = re.compile(r"alter table (?:if exists )?(?:only )?(?:public )?(\w+)")
REWRITES = re.compile(
    r"vacuum (?:\w+ )*full|vacuum full|cluster\b|lock table|"
    r"refresh materialized view (?!concurrently)|"
    r"alter table .*\bset (?:logged|unlogged|tablespace|access method)\b"
)
ORG_ID = re.compile(r"(?im)^\s*org_id\s")
SECURES = re.compile(
    r"alter table (?:if exists )?(?:only )?(?:public )?(\w+) enable row level security"
)
EMPTY_WHY = re.compile(r"^--\s*(?:why:)?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Breach:
    """Where a rule is broken, and what the reader needs to know of this very place."""

    line: int
    message: str


@dataclass(frozen=True)
class Rule:
    """`instead` is the short form of what its page says."""

    check: Callable[[Source, Sequence[Source]], Iterator[Breach]]
    instead: str


def missing_why(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """The head says why, in a comment that is more than the template's."""
    lines = [line.strip() for line in source.head.splitlines() if line.startswith("--")]
    if all(EMPTY_WHY.match(line) for line in lines):
        yield Breach(1, "Nobody will know why this change was made.")


def unknown_phase(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """A phase is `pre` or `post`."""
    if source.phase not in ("pre", "post"):
        yield Breach(1, f"There is no phase {source.phase!r}.")


def set_without_local(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """A SET outlives its file when dbmate runs the folder on one connection."""
    for section in source.sections:
        for statement in section.statements:
            if SETS_SESSION.match(statement.words):
                yield Breach(statement.line, "The setting would hold for every later migration.")


def tenant_table_without_policy(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """A table with org_id is closed to other organizations from its first moment."""
    up = source.section("up")
    matches = (SECURES.match(statement.words) for statement in up.statements)
    secured = {match[1] for match in matches if match}
    for statement, table in _created(up.statements):
        if ORG_ID.search(bare(statement.text)) and table not in secured:
            message = f"{table} holds rows of organizations and shows them to all of them."
            yield Breach(statement.line, message)


def definer_without_search_path(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """SECURITY DEFINER runs with the owner's rights what the caller's search_path names."""
    for section in source.sections:
        for statement in section.statements:
            words = statement.words
            if "security definer" in words and "set search_path" not in words:
                message = "The caller's search_path decides what runs with the owner's rights."
                yield Breach(statement.line, message)


def grant_on_all_tables(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """A grant names its tables."""
    for statement in source.section("up").statements:
        if GRANTS_ALL.match(statement.words):
            yield Breach(statement.line, "This also hands over the tables nobody thought of.")


def grant_to_public(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """A grant names its roles."""
    for statement in source.section("up").statements:
        if GRANTS_PUBLIC.match(statement.words):
            yield Breach(statement.line, "PUBLIC is every role, also those to come.")


def unbatched_change(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """Rows of a table in use are changed in batches."""
    up = source.section("up")
    for statement in up.statements:
        match = CHANGES_ROWS.match(statement.words)
        if match and match[1] not in up.creates and not up.in_batches:
            table = match[1] or "the table"
            yield Breach(statement.line, f"Every changed row of {table} stays locked to the end.")


def several_tables_locked(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """One transaction alters one table that is in use."""
    up = source.section("up")
    altered: dict[str, int] = {}
    for statement in up.statements:
        match = ALTERS.match(statement.words)
        if match and match[1] not in up.creates:
            altered.setdefault(match[1], statement.line)
    if len(altered) > 1:
        names = ", ".join(altered)
        message = f"Whoever needs one of {names} waits until the others are done."
        yield Breach(list(altered.values())[1], message)


def stops_the_table(source: Source, _: Sequence[Source]) -> Iterator[Breach]:
    """Commands that keep a table from everybody for as long as they copy it."""
    for section in source.sections:
        for statement in section.statements:
            if REWRITES.match(statement.words):
                yield Breach(statement.line, "Nobody can use the table until this has ended.")


def foreign_key_without_index(source: Source, folder: Sequence[Source]) -> Iterator[Breach]:
    """A referencing column leads an index, somewhere in the folder."""
    for reference in unindexed_references(source, folder):
        yield Breach(
            reference.line,
            f"Deleting what {reference.table}.{reference.column} refers to reads all of "
            f"{reference.table}.",
        )


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "missing-why": Rule(missing_why, "Begin the file with `-- Why: …`."),
        "unknown-phase": Rule(unknown_phase, "`-- phase: pre` or `-- phase: post`."),
        "set-without-local": Rule(set_without_local, "SET LOCAL, inside a transaction."),
        "tenant-table-without-policy": Rule(
            tenant_table_without_policy,
            "ENABLE ROW LEVEL SECURITY and a policy in the same file, as 033 does.",
        ),
        "definer-without-search-path": Rule(
            definer_without_search_path, "SECURITY DEFINER SET search_path = pg_catalog."
        ),
        "grant-on-all-tables": Rule(grant_on_all_tables, "GRANT … ON table, table TO role."),
        "grant-to-public": Rule(grant_to_public, "GRANT … TO app_write, app_read."),
        "unbatched-change": Rule(
            unbatched_change, "A `-- backfill:` section, in a file of its own."
        ),
        "several-tables-locked": Rule(several_tables_locked, "A file for each table."),
        "stops-the-table": Rule(
            stops_the_table, "A new table or column beside the old one, filled in batches."
        ),
        "foreign-key-without-index": Rule(
            foreign_key_without_index, "CREATE INDEX CONCURRENTLY on the column."
        ),
    }
)


def _created(statements: Sequence[SqlStatement]) -> Iterator[tuple[SqlStatement, str]]:
    for statement in statements:
        match = re.match(r"create table (?:if not exists )?(?:public )?(\w+)", statement.words)
        if match:
            yield statement, match[1]
