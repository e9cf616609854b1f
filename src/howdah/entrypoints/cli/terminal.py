"""Drawing on the terminal: progress, tables, JSON."""

import json
import sys
import time
from collections.abc import Sequence
from typing import Any

import click

MARK = "✓"


class Steps:
    """A line a step; on a terminal the step shows while it still works."""

    def __init__(self) -> None:
        self._step = ""
        self._begun = 0.0
        self._live = sys.stdout.isatty()

    def begin(self, step: str) -> None:
        """Show the step as being worked on."""
        self._step, self._begun = step, time.monotonic()
        if self._live:
            click.echo(f"  … {step}", nl=False)

    def finish(self, outcome: str) -> None:
        """Show the step as done, with its duration when that is worth a look."""
        seconds = time.monotonic() - self._begun
        duration = f" ({seconds:.1f} s)" if seconds >= 0.1 else ""
        start = "\r\x1b[K" if self._live else ""
        mark = click.style(MARK, fg="green")
        click.echo(f"{start}  {mark} {self._step:<18} {outcome}{duration}")


def print_json(value: Any) -> None:
    """JSON for programs, indented for people."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def print_table(header: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Columns as wide as their longest cell."""
    table = [[str(cell) for cell in row] for row in (header, *rows)]
    widths = [max(len(row[column]) for row in table) for column in range(len(header))]
    for row in table:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def duration(seconds: int) -> str:
    """`4 s`, `12 min`, `3 h`, `2 d`."""
    for limit, divisor, unit in ((120, 1, "s"), (7200, 60, "min"), (172800, 3600, "h")):
        if seconds < limit:
            return f"{seconds // divisor} {unit}"
    return f"{seconds // 86400} d"
