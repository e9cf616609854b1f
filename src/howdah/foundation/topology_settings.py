"""How a setting is declared: its default, its sentence and its limits. Pure."""

from dataclasses import field
from typing import Any


def setting(  # noqa: PLR0913  (limits of one value, all by keyword)
    default: Any,
    doc: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] | None = None,
    computed: str | None = None,
    address: bool = False,
) -> Any:
    """A field that users may set, with its sentence and limits.

    `computed` says in words how the default is found when the user sets nothing;
    `address` marks a host name or IP address.
    """
    metadata = {
        "doc": doc,
        "low": low,
        "high": high,
        "choices": choices,
        "computed": computed,
        "address": address,
    }
    return field(default=default, metadata=metadata)


def port(offset: int, program: str) -> Any:
    """A TCP port that follows from `ports.base` unless it is set."""
    return setting(
        0,
        f"Port of {program}.",
        low=1024,
        high=65535,
        computed=f"`ports.base` + {offset}",
    )
