"""What pydantic finds wrong, in sentences for people: no patterns, no names of Python's types."""

from collections.abc import Mapping
from typing import Any

SENTENCES = {
    "missing": "is required",
    "extra_forbidden": "is not a field here",
    "string_type": "must be text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "may have at most {max_length} characters",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "may be at most {le}",
    "literal_error": "must be one of {expected}",
    "timezone_aware": "must say its time zone, such as Z",
    "string_pattern_mismatch": "has not the form that is asked for; /docs shows it",
}


def described(mistake: Mapping[str, Any], whole: str) -> dict[str, str]:
    """One of ValidationError.errors() as {field, message}; `whole` names the input itself."""
    field = ".".join(str(part) for part in mistake["loc"]) or whole
    return {"field": field, "message": _sentence(mistake)}


def _sentence(mistake: Mapping[str, Any]) -> str:
    kind, context = mistake["type"], mistake.get("ctx", {})
    if kind in SENTENCES:
        return SENTENCES[kind].format(**context)
    if kind in {"too_short", "too_long"}:
        # "Value" is a secret text, whose length is all that is known of it.
        what = "characters" if context["field_type"] == "Value" else "entries"
        if kind == "too_short":
            return f"must have at least {context['min_length']} {what}"
        return f"may have at most {context['max_length']} {what}"
    text: str = mistake["msg"].removeprefix("Value error, ")
    return text[:1].lower() + text[1:]
