"""Two states of a table, and the statements that lead from one to the other."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from howdah.operations.migrations.drift.parts import Part
from howdah.operations.migrations.drift.removing import FULL_NAME, NAME, remark

TABLE = re.compile(
    rf"CREATE (?:UNLOGGED )?TABLE ({FULL_NAME}) \(\n(?P<body>.*?)\n?\)(?P<options>[^\n]*)",
    re.DOTALL,
)
CONSTRAINT = re.compile(rf"CONSTRAINT ({NAME}) (.*)", re.DOTALL)
COLUMN = re.compile(
    rf"(?P<name>{NAME}) (?P<type>.*?)"
    r"(?P<generated> GENERATED ALWAYS AS \(.*\) STORED)?"
    r"(?: DEFAULT (?P<default>.*?))?(?P<required> NOT NULL)?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Column:
    """A column as pg_dump writes it; `line` is all of it."""

    name: str
    type: str
    default: str | None
    required: bool
    generated: str | None
    line: str


def changes(expected: Part, live: Part) -> list[str]:
    """The statements that make the live table the expected one; remarks where none does."""
    wanted, found = TABLE.fullmatch(expected.making[0]), TABLE.fullmatch(live.making[0])
    if wanted is None or found is None:
        return [remark(f"compare by hand: {expected.title}")]
    table = wanted[1]
    said = [*_columns(table, wanted["body"], found["body"])]
    said += _constraints(table, wanted["body"], found["body"])
    if wanted["options"] != found["options"]:
        said.append(remark(f"{table} was made with `{wanted['options'].strip() or 'no options'}`"))
    said += [text for text in expected.making[1:] if text not in live.making]
    gone = [text for text in live.making[1:] if text not in expected.making]
    known = {_about(text) for text in expected.making[1:]}
    return said + [remark(f"nothing undoes: {text}") for text in gone if _about(text) not in known]


def _columns(table: str, wanted_body: str, found_body: str) -> Iterator[str]:
    wanted, found = _columns_of(wanted_body), _columns_of(found_body)
    for name in found.keys() - wanted.keys():
        yield f"ALTER TABLE {table} DROP COLUMN {name}"
    for name, column in wanted.items():
        if name not in found:
            yield f"ALTER TABLE {table} ADD COLUMN {column.line}"
        elif column != found[name]:
            for change in _column(column, found[name]):
                yield f"ALTER TABLE {table} {change}"


def _column(wanted: Column, found: Column) -> Iterator[str]:
    name = wanted.name
    if wanted.generated != found.generated:
        yield f"DROP COLUMN {found.name}, ADD COLUMN {wanted.line}"
        return
    if wanted.type != found.type:
        yield f"ALTER COLUMN {name} TYPE {wanted.type} USING {name}::{_plain(wanted.type)}"
    if wanted.default != found.default:
        change = f"SET DEFAULT {wanted.default}" if wanted.default else "DROP DEFAULT"
        yield f"ALTER COLUMN {name} {change}"
    if wanted.required != found.required:
        yield f"ALTER COLUMN {name} {'SET' if wanted.required else 'DROP'} NOT NULL"


def _plain(kind: str) -> str:
    """The type without its collation."""
    return kind.partition(" COLLATE ")[0]


def _constraints(table: str, wanted_body: str, found_body: str) -> Iterator[str]:
    wanted, found = _constraints_of(wanted_body), _constraints_of(found_body)
    for name, text in found.items():
        if wanted.get(name) != text:
            yield f"ALTER TABLE {table} DROP CONSTRAINT {name}"
    for name, text in wanted.items():
        if found.get(name) != text:
            yield f"ALTER TABLE {table} ADD CONSTRAINT {name} {text}"


def _lines(body: str) -> list[str]:
    """One for each column and constraint; pg_dump indents them by four blanks."""
    found = re.split(r",\n(?=    \S)", body)
    return [line.strip() for line in found if line.strip()]


def _columns_of(body: str) -> dict[str, Column]:
    matches = (COLUMN.fullmatch(line) for line in _lines(body) if not CONSTRAINT.fullmatch(line))
    return {match["name"]: _read(match) for match in matches if match}


def _read(match: re.Match[str]) -> Column:
    return Column(
        match["name"],
        match["type"],
        match["default"],
        match["required"] is not None,
        match["generated"],
        match[0],
    )


def _constraints_of(body: str) -> dict[str, str]:
    matches = (CONSTRAINT.fullmatch(line) for line in _lines(body))
    return {match[1]: match[2] for match in matches if match}


def _about(statement: str) -> str:
    """What a statement such as ALTER COLUMN … SET STORAGE sets, without the value."""
    return statement.rpartition(" ")[0]
