"""A lane: a queue, the one function that its messages may name, and how long each may take."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Lane:
    """One queue, taken by workers of its own."""

    queue: str
    function: str
    """The dotted name of `function(task, arguments)`."""
    longest_run_seconds: int
    """After this a task is interrupted: it hangs."""
