"""Lines of `key = value` configuration files."""

from collections.abc import Mapping

HEADER = "Written by `howdah up` from the settings; changes here are overwritten."


def assignments(values: Mapping[str, object], header: str = HEADER, comment: str = "#") -> str:
    """`key = value` lines under a comment."""
    lines = [f"{comment} {header}", *(f"{key} = {value}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def quoted(text: object) -> str:
    """A string literal of postgresql.conf."""
    return "'" + str(text).replace("\\", "\\\\").replace("'", "''") + "'"
