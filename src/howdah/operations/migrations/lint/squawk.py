"""squawk, a linter for PostgreSQL migrations, run on each section with what holds there.

A section that runs in a transaction is judged as such; the way down may drop what the way up has
made; and a `post` file may take away what no released code uses any more.
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

from howdah.foundation.processes.run import run
from howdah.operations.migrations.lint.findings import Finding
from howdah.operations.migrations.lint.source import Source, SourceSection

POSTGRESQL = "15.0"
FOUND = 1
NEVER: Mapping[str, str] = MappingProxyType(
    {
        "require-lock-timeout": "the runner sets lock_timeout on every statement",
        "require-statement-timeout": "the runner sets statement_timeout on every statement",
        "prefer-text-field": "the architecture document names varchar; its limits are rules of "
        "the product, and widening one changes the catalog only",
        "prefer-bigint-over-int": "ids of people and organizations stay far below 2 billion; "
        "docs/how-to/change-a-table-online.md widens a column online",
    }
)
"""Rules that are off everywhere, and why."""
TAKES_AWAY = (
    "ban-drop-column",
    "ban-drop-constraint",
    "ban-drop-default",
    "ban-drop-extension",
    "ban-drop-function",
    "ban-drop-not-null",
    "ban-drop-schema",
    "ban-drop-table",
    "ban-drop-type",
    "ban-drop-view",
    "renaming-column",
    "renaming-table",
)
"""What breaks code that still uses it: right on the way down and in a `post` file."""
OF_THE_SCHEMA_BEFORE = ("prefer-identity", "prefer-timestamp-tz", "adding-field-with-default")
"""What a way down cannot choose: it brings back what was there."""


@dataclass(frozen=True)
class _Kind:
    """Sections that one run of squawk judges: they share what is switched off."""

    in_transaction: bool
    excluded: tuple[str, ...]


def squawk_findings(sources: Iterable[Source]) -> list[Finding]:
    """What squawk says of every section of every file. Raises ProcessFailed when it cannot run."""
    kinds: dict[_Kind, list[tuple[Source, SourceSection]]] = {}
    for source in sources:
        for section in source.sections:
            kinds.setdefault(_kind(source, section), []).append((source, section))
    return [found for kind, sections in kinds.items() for found in _judged(kind, sections)]


def _kind(source: Source, section: SourceSection) -> _Kind:
    excluded = list(NEVER)
    if section.direction == "down":
        excluded += [*TAKES_AWAY, *OF_THE_SCHEMA_BEFORE]
    elif source.phase == "post":
        excluded += TAKES_AWAY
    return _Kind(section.in_transaction, tuple(excluded))


def _judged(kind: _Kind, sections: Sequence[tuple[Source, SourceSection]]) -> Iterator[Finding]:
    with TemporaryDirectory(prefix="howdah-lint-") as folder:
        files = {}
        for number, (source, section) in enumerate(sections):
            path = Path(folder) / f"{number}.sql"
            path.write_text(section.text, encoding="utf-8")
            files[str(path)] = source.path.name
        for row in _run(kind, sorted(files)):
            yield _finding(row, files[row["file"]])


def _run(kind: _Kind, files: Sequence[str]) -> list[Any]:
    """squawk's own rows; it ends with 1 when it found something."""
    program = Path(sys.executable).with_name("squawk")
    options = ["--reporter", "json", "--pg-version", POSTGRESQL, "--config", os.devnull]
    options += [f"--exclude={','.join(kind.excluded)}"]
    if kind.in_transaction:
        options.append("--assume-in-transaction")
    said = run([str(program), *options, *files], done=(0, FOUND))
    rows = json.loads(said)
    assert isinstance(rows, list)
    return rows


def _finding(row: Mapping[str, Any], file: str) -> Finding:
    """Its lines count from 0."""
    return Finding(
        file=file,
        line=row["line"] + 1,
        rule=row["rule_name"],
        message=row["message"],
        instead=row["help"] or "",
        page=f"https://squawkhq.com/docs/{row['rule_name']}",
    )
