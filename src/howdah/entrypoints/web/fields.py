"""Types of fields that several resources share, each with its limits."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
)

from howdah.entrypoints.web.json_objects import JsonObject, JsonObjectQuery

LARGEST_ID = 2_147_483_647
WRITTEN_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


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


def kept_when_absent() -> Any:
    """The default of a field in a partial change: absent keeps it, and null is not a value."""
    return Field(default_factory=lambda: None)  # a plain default would stand in the schema


def whole(value: object) -> object:
    """389.0 is an integer in JSON; "389" and true are not, although Python would take them."""
    if isinstance(value, bool | str):
        raise ValueError("must be a whole number")
    return value


def written_out(value: object) -> object:
    """Times and days are texts; pydantic would also take numbers, as seconds since 1970."""
    if isinstance(value, str) and not WRITTEN_DATE.match(value):
        raise ValueError("must be written like 2026-11-22 or 2026-11-22T10:00:00Z")
    return value


def in_utc(moment: datetime) -> datetime:
    """PostgreSQL knows fewer time zones than ISO 8601 can write."""
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("is outside the years 1 to 9999") from None


# Patterns are for clients that read the OpenAPI document; the validators say it in words.
Text = Annotated[str, AfterValidator(without_nul)]
Line = Annotated[
    str,
    Field(min_length=1, max_length=255, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$"),
]
Moment = Annotated[AwareDatetime, BeforeValidator(written_out), AfterValidator(in_utc)]
Day = Annotated[date, BeforeValidator(written_out)]
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
NO_ADDRESS_HAS = r'\x00-\x20\x7f-\xa0\u2000-\u200f\u2028-\u202f\u3000@<>()\[\],;:"\\'
Email = Annotated[
    str,
    Field(
        max_length=255,
        pattern=rf"^[^{NO_ADDRESS_HAS}]+@[^{NO_ADDRESS_HAS}.]+(\.[^{NO_ADDRESS_HAS}.]+)+$",
    ),
]
# Never printed, logged, or part of an idempotency fingerprint: a SecretStr shows itself as stars.
Password = Annotated[SecretStr, Field(max_length=200)]
NewPassword = Annotated[SecretStr, Field(min_length=12, max_length=200)]

__all__ = [
    "LARGEST_ID",
    "Body",
    "Day",
    "Email",
    "Id",
    "JsonObject",
    "JsonObjectQuery",
    "Language",
    "Line",
    "Moment",
    "NewPassword",
    "Out",
    "Password",
    "Slug",
    "Tag",
    "Tags",
    "Text",
    "kept_when_absent",
    "not_blank",
    "whole",
    "without_nul",
]
