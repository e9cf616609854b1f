"""Mistakes are told in words: no pattern, no type of Python, nothing of what was sent."""

from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, ValidationError

from howdah.entrypoints.web.mistakes import described


class Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")
    name: Annotated[str, Field(min_length=2, max_length=4, pattern="^[a-z]+$")] = "ab"
    password: Annotated[SecretStr, Field(min_length=12)] = SecretStr("x" * 12)
    number: Annotated[int, Field(ge=1, le=9)] = 1
    tags: Annotated[list[str], Field(max_length=1)] = []
    role: Literal["a", "b"] = "a"
    moment: AwareDatetime | None = None


@pytest.mark.parametrize(
    ("sent", "field", "message"),
    [
        ({"name": "a"}, "name", "must have at least 2 characters"),
        ({"name": "abcde"}, "name", "may have at most 4 characters"),
        ({"name": "AB"}, "name", "has not the form that is asked for; /docs shows it"),
        ({"name": 7}, "name", "must be text"),
        ({"password": "short"}, "password", "must have at least 12 characters"),
        ({"number": 0}, "number", "must be at least 1"),
        ({"number": "x"}, "number", "must be a whole number"),
        ({"number": 1.5}, "number", "must be a whole number"),
        ({"tags": ["a", "b"]}, "tags", "may have at most 1 entries"),
        ({"tags": "a"}, "tags", "must be a list"),
        ({"role": "c"}, "role", "must be one of 'a' or 'b'"),
        ({"moment": "2026-01-01T00:00:00"}, "moment", "must say its time zone, such as Z"),
        ({"other": 1}, "other", "is not a field here"),
        ([], "body", "must be an object"),
    ],
)
def test_each_mistake_is_a_sentence(sent: Any, field: str, message: str) -> None:
    with pytest.raises(ValidationError) as failure:
        Asked.model_validate(sent)
    (mistake,) = failure.value.errors(include_url=False, include_input=False)
    assert described(mistake, "body") == {"field": field, "message": message}
