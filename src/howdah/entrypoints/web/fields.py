"""Types of fields that several resources share, each with its limits."""

from typing import Annotated, Any, Literal

import orjson
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

LARGEST_ID = 2_147_483_647
MIB = 1024 * 1024
JSON_DEPTH = 20
JSON_BYTES = 64 * 1024


class Body(BaseModel):
    """A request's body or query: unknown fields are refused, nothing is guessed from its type."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=False)


class Out(BaseModel):
    """An answer's body. It describes and checks; answers are written from rows directly."""

    model_config = ConfigDict(extra="forbid")


def without_nul(text: str) -> str:
    """PostgreSQL's text has no NUL."""
    if "\x00" in text:
        raise ValueError("the character NUL is not allowed")
    return text


def not_blank(text: str) -> str:
    """Something besides spaces."""
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def storable(value: dict[str, Any]) -> dict[str, Any]:
    """An object that jsonb takes and that is not absurd: no NUL, not too deep, not too large."""
    _refuse_unstorable(value, JSON_DEPTH)
    if len(orjson.dumps(value)) > JSON_BYTES:
        raise ValueError(f"at most {JSON_BYTES} bytes are allowed")
    return value


def _refuse_unstorable(value: Any, depth: int) -> None:
    if depth == 0:
        raise ValueError(f"nested deeper than {JSON_DEPTH} levels")
    if isinstance(value, str):
        without_nul(value)
    elif isinstance(value, dict):
        for name, inner in value.items():
            without_nul(name)
            _refuse_unstorable(inner, depth - 1)
    elif isinstance(value, list):
        for inner in value:
            _refuse_unstorable(inner, depth - 1)


def kept_when_absent() -> Any:
    """The default of a field in a partial change: absent keeps it, and null is not a value."""
    return Field(default=None, json_schema_extra=lambda schema: schema.pop("default", None))


# Patterns are for clients that read the OpenAPI document; the validators say it in words.
Text = Annotated[str, AfterValidator(without_nul)]
Line = Annotated[
    str,
    Field(min_length=1, max_length=255, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$"),
]
Id = Annotated[int, Field(ge=1, le=LARGEST_ID)]
Tag = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]
Tags = Annotated[list[Tag], Field(max_length=50)]
Language = Literal[
    "english", "simple", "arabic", "danish", "dutch", "finnish", "french", "german", "greek",
    "hungarian", "italian", "norwegian", "portuguese", "romanian", "russian", "spanish", "swedish",
    "turkish",
]  # fmt: skip
Slug = Annotated[
    str, Field(min_length=2, max_length=100, pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])$")
]
Email = Annotated[
    str,
    Field(
        max_length=255,
        pattern=r'^[^@\s\x00-\x1f\x7f<>()\[\],;:"\\]+@[^@\s\x00-\x1f\x7f<>()\[\],;:"\\.]+'
        r'(\.[^@\s\x00-\x1f\x7f<>()\[\],;:"\\.]+)+$',
    ),
]
JsonObject = Annotated[dict[str, Any], AfterValidator(storable)]
