"""`howdah restore --in-place`."""

import click

from howdah.entrypoints.cli.recover import Terminal, Wishes, tell, word_of
from howdah.entrypoints.cli.terminal import MARK, print_json
from howdah.foundation.settings import Settings
from howdah.operations.recovery.choices import Choice
from howdah.operations.recovery.in_place import restore_in_place
from howdah.operations.recovery.record import Record, to_document
from howdah.operations.stack.progress import Silent


def in_place(settings: Settings, choice: Choice, *, yes: bool, as_json: bool) -> None:
    """Ask, restore, and say what came of it and how to delete what is kept."""
    operator = Terminal(Wishes(yes=yes), word_of(settings))
    record = restore_in_place(settings, choice, operator, tell, Silent())
    if as_json:
        print_json(to_document(record))
        return
    _print(record, choice)


def _print(record: Record, choice: Choice) -> None:
    reached = record.notes.get("reached") or {}
    switch = record.last("switch")
    figures = switch.figures if switch else {}
    mark = click.style(MARK, fg="green")
    click.echo(f"{mark} the database is as of {choice.target}, on timeline {figures['timeline']}")
    click.echo(f"  {'last in it':<16} {reached.get('last_transaction_at') or 'unknown'}")
    click.echo(f"  {'nobody wrote for':<16} {figures['outage_seconds']:.1f} s")
    if aside := figures.get("aside"):
        click.echo(f"  {'data of before':<16} {aside}")
        click.echo(f"  {'to delete them':<16} rm -rf {aside}")
    click.echo(f"  {'recorded in':<16} recovery/{record.id}")
    click.echo("A full backup is due now: `howdah backup take`.")
