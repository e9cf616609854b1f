"""What a rule found."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One place that breaks one rule; `line` counts from 1."""

    file: str
    line: int
    rule: str
    message: str
    instead: str = ""
    """What to write instead, when the rule can say."""
    page: str = ""
    """Where the rule is explained: an address, or a path in the repository."""
