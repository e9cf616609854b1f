from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from howdah.entrypoints.web.json_objects import DEEPEST, JsonObject, JsonObjectQuery, checked

TEXT = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
OBJECT = TypeAdapter[Any](JsonObject)
QUERY = TypeAdapter[Any](JsonObjectQuery)


def nested(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels - 1):
        value = {"in": value}
    return value


@given(st.dictionaries(TEXT, VALUES, max_size=4))
def test_every_object_is_taken_as_it_is(value: dict[str, Any]) -> None:
    assert OBJECT.validate_python(value) == value
    assert QUERY.validate_python(orjson.dumps(value).decode()) == value


@pytest.mark.parametrize(
    "value",
    [[], "x", 1, {"a": "\0"}, {"\0": 1}, {"a": [["\0"]]}, {"a": 2**70}, {"a": "x" * 65_536}],
)
def test_what_the_database_cannot_keep_is_refused_in_a_sentence(value: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        OBJECT.validate_python(value)
    assert refusal.value.error_count() == 1


def test_nesting_has_a_limit() -> None:
    assert checked(nested(DEEPEST))
    with pytest.raises(ValueError, match="levels deep"):
        checked(nested(DEEPEST + 1))


@pytest.mark.parametrize("text", ["", "{", "NaN", '{"a": Infinity}', "[]", "1"])
def test_a_query_that_is_no_object_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="JSON object"):
        QUERY.validate_python(text)


def test_no_query_is_none() -> None:
    assert QUERY.validate_python("null") is None


def test_the_description_is_recursive_and_forbids_nul() -> None:
    schema = OBJECT.json_schema()
    assert schema["additionalProperties"] == {"$ref": "#/$defs/JsonValue"}
    assert schema["propertyNames"] == {"pattern": r"^[^\x00]*$"}
    assert {"type": "string", "pattern": r"^[^\x00]*$"} in schema["$defs"]["JsonValue"]["anyOf"]
