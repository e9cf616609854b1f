"""The statement that takes an object away again, from the statements that made it."""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType

from howdah.operations.migrations.drift.parts import Part

NAME = r'(?:"(?:[^"]|"")+"|\w+)'
FULL_NAME = rf"{NAME}(?:\.{NAME})*"
ADDED = re.compile(rf"ALTER TABLE (?:ONLY )?({FULL_NAME})\s+ADD CONSTRAINT ({NAME})")
ON_A_TABLE = re.compile(rf"CREATE (?:CONSTRAINT )?\w+ ({NAME}) .*?\bON ({FULL_NAME})", re.DOTALL)
WITH_DEFAULT = re.compile(rf"ALTER TABLE (?:ONLY )?({FULL_NAME}) ALTER COLUMN ({NAME}) SET DEFAULT")
IDENTITY = re.compile(rf"ALTER TABLE ({FULL_NAME}) ALTER COLUMN ({NAME}) ADD GENERATED")
SECURITY = re.compile(rf"ALTER TABLE (?:ONLY )?({FULL_NAME}) ENABLE ROW LEVEL SECURITY")
INDEX = re.compile(rf"CREATE (?:UNIQUE )?INDEX ({NAME}) ON (?:ONLY )?({FULL_NAME})")
MADE = re.compile(
    rf"CREATE (?:UNLOGGED |FOREIGN |MATERIALIZED )?[A-Z]+ (?:IF NOT EXISTS )?({FULL_NAME})"
)
COMMENTED = re.compile(r"(COMMENT ON .*?) IS '.*", re.DOTALL)
OWNED = re.compile(rf"ALTER SEQUENCE ({FULL_NAME}) OWNED BY")


def removal(part: Part) -> tuple[str, ...]:
    """The statements that take this part away; a remark when there is no such statement."""
    return REMOVALS.get(part.kind, _dropped)(part)


def remark(text: str) -> str:
    """A comment in place of a statement."""
    return "-- " + " ".join(text.split())


def _dropped(part: Part) -> tuple[str, ...]:
    match = MADE.match(part.making[0]) if part.making else None
    if match is None:
        return (remark(f"remove by hand: {part.title}"),)
    return (f"DROP {part.kind} {match[1]}",)


def _routine(part: Part) -> tuple[str, ...]:
    """pg_dump's head has the types of its arguments."""
    return (f"DROP {part.kind} {part.qualified}",)


def _constraint(part: Part) -> tuple[str, ...]:
    match = ADDED.match(part.making[0])
    assert match is not None
    return (f"ALTER TABLE {match[1]} DROP CONSTRAINT {match[2]}",)


def _of_a_table(part: Part) -> tuple[str, ...]:
    match = ON_A_TABLE.match(part.making[0])
    assert match is not None
    return (f"DROP {part.kind} {match[1]} ON {match[2]}",)


def _index(part: Part) -> tuple[str, ...]:
    match = INDEX.match(part.making[0])
    assert match is not None
    return (f"DROP INDEX CONCURRENTLY {part.schema}.{match[1]}",)


def _default(part: Part) -> tuple[str, ...]:
    match = WITH_DEFAULT.match(part.making[0])
    assert match is not None
    return (f"ALTER TABLE {match[1]} ALTER COLUMN {match[2]} DROP DEFAULT",)


def _sequence(part: Part) -> tuple[str, ...]:
    match = IDENTITY.match(part.making[0])
    if match is None:
        return _dropped(part)
    return (f"ALTER TABLE {match[1]} ALTER COLUMN {match[2]} DROP IDENTITY",)


def _owned(part: Part) -> tuple[str, ...]:
    match = OWNED.match(part.making[0])
    assert match is not None
    return (f"ALTER SEQUENCE {match[1]} OWNED BY NONE",)


def _security(part: Part) -> tuple[str, ...]:
    match = SECURITY.match(part.making[0])
    assert match is not None
    return (f"ALTER TABLE {match[1]} DISABLE ROW LEVEL SECURITY",)


def _comment(part: Part) -> tuple[str, ...]:
    return tuple(COMMENTED.sub(r"\1 IS NULL", statement) for statement in part.making)


REMOVALS: Mapping[str, Callable[[Part], tuple[str, ...]]] = MappingProxyType(
    {
        "CHECK CONSTRAINT": _constraint,
        "COMMENT": _comment,
        "CONSTRAINT": _constraint,
        "DEFAULT": _default,
        "FK CONSTRAINT": _constraint,
        "FUNCTION": _routine,
        "INDEX": _index,
        "POLICY": _of_a_table,
        "PROCEDURE": _routine,
        "ROW SECURITY": _security,
        "RULE": _of_a_table,
        "SEQUENCE": _sequence,
        "SEQUENCE OWNED BY": _owned,
        "TRIGGER": _of_a_table,
    }
)
