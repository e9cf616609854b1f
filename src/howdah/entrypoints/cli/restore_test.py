"""`howdah backup verify --restore`: drawing a restore test."""

from dataclasses import asdict

import click

from howdah.entrypoints.cli.failures import FAILED
from howdah.entrypoints.cli.restore import ProgressLine
from howdah.entrypoints.cli.terminal import MARK, print_json, print_table
from howdah.foundation.settings import Settings
from howdah.operations.restores.prove import Proof, prove_restore
from howdah.operations.restores.report import MB


def restore_test(settings: Settings, *, as_json: bool) -> int:
    """Run it and print what it found; returns the exit code."""
    line = ProgressLine()
    try:
        found = prove_restore(settings, line.say, line.show)
    finally:
        line.clear()
    if as_json:
        print_json(asdict(found) | {"passed": found.passed, "mb_per_second": found.rates})
    else:
        _print(found)
    return 0 if found.passed else FAILED


def _print(found: Proof) -> None:
    rates = found.rates
    rows = [
        (name, f"{seconds:.1f} s", f"{rates[name]:,.0f} MB/s" if name in rates else "")
        for name, seconds in found.phases.items()
    ]
    if rows:
        print_table(("PHASE", "TOOK", "RATE"), rows)
        click.echo()
    for problem in found.problems:
        click.echo(f"{click.style('✗', fg='red')} {problem}")
    if found.passed:
        mark = click.style(MARK, fg="green")
        rows_of = "exactly the rows" if found.exact else "the rows, give or take what was written,"
        click.echo(
            f"{mark} {found.backup} is a whole database again: {rows_of} of {found.tables} tables "
            f"that were counted, {found.database_bytes / MB:,.1f} MB in {found.seconds:.0f} s"
        )
    click.echo(f"  evidence: {found.evidence}")
