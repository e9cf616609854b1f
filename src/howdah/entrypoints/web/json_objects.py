"""JSON objects that clients store as they like: preferences, settings.

Checked by a walk of our own, which says what is wrong in one sentence; the recursive type is what
the OpenAPI document shows.
"""

from typing import Annotated, Any

import orjson
from pydantic import (
    BeforeValidator,
    Field,
    GetJsonSchemaHandler,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema
from typing_extensions import TypeAliasType

MOST_BYTES = 64 * 1024
DEEPEST = 20
"""Objects and lists inside one another, the outermost counted."""
WITHOUT_NUL = r"^[^\x00]*$"


class _NamesWithoutNul:
    """Says in the JSON Schema what `checked` checks; json_schema_extra would not compose."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return {**handler(schema), "propertyNames": {"pattern": WITHOUT_NUL}}


_named = _NamesWithoutNul()
JsonText = Annotated[str, Field(pattern=WITHOUT_NUL)]
JsonValue = TypeAliasType(  # recursive by name
    "JsonValue",
    "bool | int | float | JsonText | list[JsonValue] | Annotated[dict[str, JsonValue], _named]"
    " | None",
)


def checked(value: Any) -> dict[str, Any]:
    """The object itself. Raises ValueError when it is none, or more than is kept."""
    if not isinstance(value, dict):
        raise ValueError("must be a JSON object")
    level: list[Any] = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise ValueError(f"may be nested at most {DEEPEST} levels deep")
    try:
        size_bytes = len(orjson.dumps(value))
    except TypeError:  # an integer of more than 64 bits, from a parser that keeps them
        raise ValueError("holds a number that is too large") from None
    if size_bytes > MOST_BYTES:
        raise ValueError(f"may have at most {MOST_BYTES} bytes as JSON")
    return value


def _inside(outer: Any) -> list[Any]:
    """The objects and lists in one; texts are looked at on the way."""
    parts = [*outer, *outer.values()] if isinstance(outer, dict) else outer
    if any(isinstance(part, str) and "\x00" in part for part in parts):
        raise ValueError("the character NUL is not allowed")
    return [part for part in parts if isinstance(part, dict | list)]


def _checked(value: Any, _: ValidatorFunctionWrapHandler) -> dict[str, Any]:
    return checked(value)


def _parsed(value: Any) -> Any:
    """JSON written in the query string."""
    if not isinstance(value, str):
        return value
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        raise ValueError("must be a JSON object") from None


JsonObject = Annotated[dict[str, JsonValue], _named, WrapValidator(_checked)]
JsonObjectQuery = Annotated[JsonObject | None, BeforeValidator(_parsed)]
"""Of a query string: `?metadata={"notifications":{"email":true}}`."""
