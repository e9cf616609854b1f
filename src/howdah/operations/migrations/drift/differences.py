"""Two dumps compared: pure, dumps in, differences with the statements that would mend them out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from howdah.operations.migrations.drift.grants import GRANTS, regranted, same_grants
from howdah.operations.migrations.drift.parts import Part, take_apart
from howdah.operations.migrations.drift.removing import removal
from howdah.operations.migrations.drift.tables import changes
from howdah.operations.migrations.dump import comparable

Parts = Mapping[tuple[str, str, str], Part]
RELATIONS = frozenset({"TABLE", "VIEW", "MATERIALIZED VIEW", "SEQUENCE"})
MADE_ANEW = frozenset({"VIEW", "MATERIALIZED VIEW", "FUNCTION", "PROCEDURE"})
"""Kinds whose grants go when they are dropped to be made again."""


@dataclass(frozen=True)
class Difference:
    """One object that is `missing`, `unexpected` or `changed`, and what would mend it."""

    state: str
    object: str
    mend: tuple[str, ...]
    """Statements without their semicolon; a line that begins with -- is for people."""


def differences(expected_dump: str, live_dump: str) -> list[Difference]:
    """Everything that differs, in an order in which it can be mended.

    What is too much goes first, the newest first, then what is missing or changed comes.
    """
    expected, live = take_apart(expected_dump), take_apart(live_dump)
    extra = [part for key, part in reversed(live.items()) if key not in expected]
    gone = [Difference("unexpected", part.title, _unmade(part, expected)) for part in _whole(extra)]
    return [*gone, *_wanted(expected, live)]


def _whole(extra: list[Part]) -> Iterator[Part]:
    """Without the parts that go by themselves when their table, view or sequence goes."""
    relations = {part.qualified for part in extra if part.kind in RELATIONS}
    tables = {part.qualified for part in extra if part.kind == "TABLE"}
    owned = {
        part.qualified
        for part in extra
        if part.kind == "SEQUENCE OWNED BY" and _owner_of(part) in tables
    }
    for part in extra:
        if part.kind == "SEQUENCE" and part.qualified in owned:
            continue
        if part.kind in RELATIONS or _relation_of(part) not in relations:
            yield part


def _owner_of(part: Part) -> str:
    """The table whose column a sequence belongs to."""
    return part.making[0].rpartition(" OWNED BY ")[2].rpartition(".")[0]


def _relation_of(part: Part) -> str:
    """The table, view or sequence that a part may be about, by pg_dump's ways of naming parts."""
    first, _, rest = part.name.partition(" ")
    about = rest if first in ("TABLE", "VIEW", "SEQUENCE", "COLUMN") else first
    return f"{part.schema}.{about.partition('.')[0]}"


def _wanted(expected: Parts, live: Parts) -> Iterator[Difference]:
    for key, part in expected.items():
        there = live.get(key)
        if there is None:
            yield Difference("missing", part.title, _made(part))
        elif not _same(part, there):
            yield Difference("changed", part.title, tuple(_changed(part, there, expected)))


def _unmade(part: Part, expected: Parts) -> tuple[str, ...]:
    if part.kind in GRANTS:
        return tuple(regranted((), part.making, _of_columns(part, expected)))
    return removal(part)


def _of_columns(part: Part, everything: Parts) -> tuple[str, ...]:
    """The grants on single columns of the table whose grants these are."""
    of_columns = part.name.replace("TABLE ", "COLUMN ", 1) + "."
    found = (each for each in everything.values() if each.schema == part.schema)
    return tuple(
        text
        for each in found
        if each.kind == "ACL" and each.name.startswith(of_columns)
        for text in each.making
    )


def _same(expected: Part, live: Part) -> bool:
    if expected.kind in GRANTS:
        return same_grants(expected.making, live.making)
    return comparable(expected.text + "\n") == comparable(live.text + "\n")


def _made(part: Part) -> tuple[str, ...]:
    if part.kind != "INDEX":
        return part.statements
    return tuple(text.replace(" INDEX ", " INDEX CONCURRENTLY ", 1) for text in part.statements)


def _changed(expected: Part, live: Part, everything: Parts) -> Iterator[str]:
    if expected.making != live.making:
        yield from _remade(expected, live, everything)
    owners = set(expected.statements) - set(expected.making)
    yield from (text for text in owners if text not in live.statements)


def _remade(expected: Part, live: Part, everything: Parts) -> Iterator[str]:
    match expected.kind:
        case "TABLE":
            yield from changes(expected, live)
        case "ACL" | "DEFAULT ACL":
            columns = _of_columns(expected, everything)
            yield from regranted(expected.making, live.making, columns)
        case "FUNCTION" | "PROCEDURE" if _interface(expected) == _interface(live):
            yield expected.making[0].replace("CREATE ", "CREATE OR REPLACE ", 1)
        case "SEQUENCE" if expected.making[0].startswith("CREATE "):
            yield expected.making[0].replace("CREATE ", "ALTER ", 1)
        case "COMMENT" | "ROW SECURITY" | "DEFAULT" | "SEQUENCE OWNED BY":
            yield from expected.making
        case _:
            yield from removal(live)
            yield from _made(expected)
            yield from _what_goes_with(expected, everything)


def _interface(routine: Part) -> str:
    """Arguments and result: what CREATE OR REPLACE cannot change."""
    return routine.making[0].partition("\n")[0]


def _what_goes_with(part: Part, everything: Parts) -> Iterator[str]:
    """The grants that a drop takes along."""
    if part.kind in MADE_ANEW:
        names = [f"{part.kind} {part.name}", f"TABLE {part.name}"]
        for name in names:
            grants = everything.get(("ACL", part.schema, name))
            yield from grants.making if grants else ()
