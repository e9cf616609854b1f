"""Who may do what, and the statements that lead from one set of grants to another.

pg_dump writes what differs from the built-in rights as GRANT and REVOKE, in the order in which they
were once given; the order means nothing.
"""

import re
from collections.abc import Iterator, Sequence

from howdah.operations.migrations.drift.removing import remark

GRANTS = ("ACL", "DEFAULT ACL")
GIVEN = re.compile(
    r"(?P<before>.*?)\b(?P<verb>GRANT|REVOKE) (?P<rights>.*?) (?P<on>ON .*) (?:TO|FROM) "
    r"(?P<role>\S+)(?P<option> WITH GRANT OPTION)?",
    re.DOTALL,
)
RIGHT = re.compile(r"[A-Z ]+(?:\([^)]*\))?")
Given = tuple[str, str, str, str, str]
"""What stands before the verb, the verb, one right, on what, and to whom."""
PREPOSITION = {"GRANT": "TO", "REVOKE": "FROM"}
OPPOSITE = {"GRANT": "REVOKE", "REVOKE": "GRANT"}


def same_grants(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether they give the same rights to the same roles."""
    return set(one) == set(other) or set(_taken_apart(one)) == set(_taken_apart(other))


def regranted(
    expected: Sequence[str], live: Sequence[str], of_columns: Sequence[str] = ()
) -> Iterator[str]:
    """The statements that give the expected rights to who has the live ones.

    `of_columns`: the expected rights on single columns, which revoking a table's takes along.
    """
    wanted, found = list(_taken_apart(expected)), list(_taken_apart(live))
    undone = [one for one in reversed(found) if one not in wanted]
    for before, verb, right, on, role in undone:
        if not on:
            yield remark(f"undo by hand: {before}")
            continue
        yield _statement(before, OPPOSITE[verb], right, on, role)
    if any(verb == "GRANT" for _, verb, *_ in undone):
        yield from of_columns
    for before, verb, right, on, role in wanted:
        if (before, verb, right, on, role) not in found:
            yield _statement(before, verb, right, on, role) if on else before


def _taken_apart(statements: Sequence[str]) -> Iterator[Given]:
    """One for each right of each statement; a statement that is neither comes whole."""
    for statement in statements:
        match = GIVEN.fullmatch(statement)
        if match is None:
            yield statement, "", "", "", ""
            continue
        role = match["role"] + (match["option"] or "")
        for right in RIGHT.findall(match["rights"]):
            yield match["before"], match["verb"], right.strip(), " ".join(match["on"].split()), role


def _statement(before: str, verb: str, right: str, on: str, role: str) -> str:
    to = role if verb == "GRANT" else role.removesuffix(" WITH GRANT OPTION")
    return f"{before}{verb} {right} {on} {PREPOSITION[verb]} {to}"
