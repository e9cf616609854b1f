"""`howdah migrate`."""

import sys
from dataclasses import asdict

import click

from howdah.entrypoints.cli.migrate_lint import lint
from howdah.entrypoints.cli.terminal import MARK, print_json, print_table
from howdah.foundation.settings import load_settings
from howdah.operations.migrations import (
    Status,
    migrate_down,
    migrate_up,
    migration_status,
    new_migration,
    planned_down,
)


@click.group("migrate")
def command() -> None:
    """Change the database's schema, one reviewed file at a time."""


command.add_command(lint)


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> None:
    """What has run and what is pending."""
    found = migration_status(load_settings())
    if as_json:
        print_json(asdict(found))
    else:
        _print(found)


@command.command("up")
@click.option("--to", metavar="VERSION", help="Stop after this one, such as 007.")
def up(to: str | None) -> None:
    """Run what is pending, oldest first."""
    if not migrate_up(load_settings(), to, report=_report):
        click.echo("Nothing is pending.")


@command.command("down")
@click.option("--steps", type=click.IntRange(min=1), help="How many to take back; default 1.")
@click.option("--to", metavar="VERSION", help="Take back everything after this one; 000 for all.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def down(steps: int | None, to: str | None, yes: bool) -> int:
    """Take back the newest migrations.

    What was stored in the tables and columns that they added is deleted.
    """
    if steps is not None and to is not None:
        raise click.UsageError("give --steps or --to, not both")
    settings, count = load_settings(), steps or 1
    plan = planned_down(settings, steps=count, to=to)
    if not plan:
        click.echo("There is nothing to take back.")
        return 0
    if not yes and not _confirmed(plan):
        click.echo("Nothing was changed.")
        return 1
    migrate_down(settings, steps=count, to=to, report=_report)
    return 0


@command.command("new")
@click.argument("name", nargs=-1, required=True)
def new(name: tuple[str, ...]) -> None:
    """Write an empty migration with the next number.

    NAME says in a few words what it does.
    """
    click.echo(new_migration(load_settings(), " ".join(name)))


def _confirmed(plan: list[str]) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError(f"this deletes what {', '.join(plan)} added: add --yes to mean it")
    click.echo("This takes back, and deletes what was stored in what they added:")
    for name in plan:
        click.echo(f"  {name}")
    return click.confirm("Go on?")


def _report(line: str) -> None:
    click.echo(f"  {click.style(MARK, fg='green')} {line}")


def _print(found: Status) -> None:
    rows = [
        *((name, "applied") for name in found.applied),
        *((name, "pending") for name in found.pending),
        *((version, "applied, but there is no file of it here") for version in found.unknown),
    ]
    print_table(("MIGRATION", "STATE"), rows)
    click.echo(f"{len(found.applied)} applied, {len(found.pending)} pending")
