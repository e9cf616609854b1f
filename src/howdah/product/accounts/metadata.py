"""A user's preferences: any JSON object, changed by JSON merge patches (RFC 7396)."""

from collections.abc import Mapping
from typing import Any

import orjson

from howdah.foundation.errors import InvalidInput

LARGEST_BYTES = 64 * 1024
"""Of all preferences of a user, as compact JSON. A patch alone is limited by the API."""


def as_patch(patch: Mapping[str, Any] | None) -> str | None:
    """What howdah.merge_patch takes; None changes nothing."""
    return None if patch is None else orjson.dumps(dict(patch)).decode()


def refuse_too_large(metadata: Mapping[str, Any]) -> None:
    """Raises InvalidInput."""
    if len(orjson.dumps(metadata)) > LARGEST_BYTES:
        raise InvalidInput(f"The metadata may have at most {LARGEST_BYTES} bytes as JSON.")
