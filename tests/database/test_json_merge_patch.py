"""howdah.merge_patch is RFC 7396, compared with its pseudocode written in Python."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg.types.json import Jsonb

from howdah.operations.roles.connect import Connection

NAMES = st.sampled_from(["a", "b", "c", "", "ä b"])
SCALARS = st.none() | st.booleans() | st.integers(-1000, 1000) | st.sampled_from(["", "x", "null"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


def merged(target: Any, patch: Any) -> Any:
    """Section 2 of RFC 7396, word for word."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result


def in_the_database(connection: Connection, target: Any, patch: Any) -> Any:
    row = connection.execute(
        "SELECT howdah.merge_patch(%s, %s)", (Jsonb(target), Jsonb(patch))
    ).fetchone()
    assert row is not None
    return row[0]


@given(target=VALUES, patch=VALUES)
# The connection's transaction is shared by all examples: each only reads.
@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_it_does_what_the_pseudocode_does(app: Connection, target: Any, patch: Any) -> None:
    assert in_the_database(app, target, patch) == merged(target, patch)


@given(target=VALUES, patch=VALUES)
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_same_patch_again_changes_nothing(app: Connection, target: Any, patch: Any) -> None:
    once = in_the_database(app, target, patch)
    assert in_the_database(app, once, patch) == once


# Appendix A of RFC 7396: original, patch, result.
APPENDIX = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


@pytest.mark.parametrize(("target", "patch", "result"), APPENDIX)
def test_the_examples_of_the_standard_hold(
    app: Connection, target: Any, patch: Any, result: Any
) -> None:
    assert merged(target, patch) == result
    assert in_the_database(app, target, patch) == result


def test_no_patch_changes_nothing_and_no_target_is_an_empty_object(app: Connection) -> None:
    row = app.execute(
        """
        SELECT howdah.merge_patch('{"a": 1}', NULL), howdah.merge_patch(NULL, '{"a": {"b": 1}}'),
               howdah.merge_patch(NULL, NULL)
        """
    ).fetchone()
    assert row == ({"a": 1}, {"a": {"b": 1}}, {})


def test_thousands_of_names_are_merged_in_milliseconds(app: Connection) -> None:
    target = {f"name {number}": number for number in range(4000)}
    patch = {f"name {number}": None for number in range(0, 4000, 2)}
    app.execute("SET LOCAL statement_timeout = '500ms'")
    assert len(in_the_database(app, target, patch)) == 2000
