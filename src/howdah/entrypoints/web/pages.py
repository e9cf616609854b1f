"""Keyset pages: a cursor holds the sort key of the last row, opaque to the client."""

import base64
import binascii
from typing import Annotated, Any, TypeVar

import orjson
from pydantic import Field, TypeAdapter, ValidationError

from howdah.entrypoints.web.problems import Contradiction

T = TypeVar("T")

Cursor = Annotated[str, Field(max_length=1000, description="From the answer before: next_cursor.")]
PageSize = Annotated[int, Field(ge=1, le=100, description="Rows in one page.")]


def encode_cursor(*values: Any) -> str:
    """The sort key of a row as an opaque, URL-safe text."""
    return base64.urlsafe_b64encode(orjson.dumps(values)).decode().rstrip("=")


def decode_cursor(cursor: str | None, shape: TypeAdapter[T]) -> T | None:
    """The sort key again. Raises Contradiction when it is none of ours."""
    if cursor is None:
        return None
    try:
        raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        return shape.validate_json(raw)
    except (ValidationError, binascii.Error, ValueError):
        raise Contradiction(
            "The cursor is not one of ours.", hint="Take next_cursor of the page before, unchanged."
        ) from None


def page(rows: list[dict[str, Any]], size: int, *key: str) -> dict[str, Any]:
    """A page from one row more than fits; that row only says that there is more."""
    more = len(rows) > size
    items = rows[:size]
    cursor = encode_cursor(*(items[-1][name] for name in key)) if more else None
    return {"items": items, "next_cursor": cursor}
