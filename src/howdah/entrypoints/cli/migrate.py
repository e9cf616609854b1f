"""`howdah migrate`."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import click

from howdah.entrypoints.cli.failures import FAILED
from howdah.entrypoints.cli.migrate_drift import drift
from howdah.entrypoints.cli.migrate_lint import lint
from howdah.entrypoints.cli.migrate_rehearse import rehearse_command
from howdah.entrypoints.cli.migrate_verify import verify
from howdah.entrypoints.cli.terminal import MARK, print_json, print_table
from howdah.foundation.settings import load_settings
from howdah.operations.migrations import (
    Loss,
    Patience,
    PlannedDown,
    Status,
    accept_change,
    migrate_down,
    migrate_up,
    migration_status,
    new_migration,
    planned_down,
)
from howdah.operations.migrations.phases import pending_before_deployment

FAULTS = (
    ("changed", "changed after it ran"),
    ("unknown", "has run, but there is no file of it here"),
    ("interrupted", "interrupted; `up` or `down` goes on with it"),
    ("invalid_indexes", "index that an interrupted build left not valid"),
)


@click.group("migrate")
def command() -> None:
    """Change the database's schema, one reviewed file at a time."""


command.add_command(drift)
command.add_command(lint)
command.add_command(rehearse_command)
command.add_command(verify)


def _timeouts(run: Callable[..., Any]) -> Callable[..., Any]:
    """What every command takes that runs migrations."""
    for name, default, meaning in (
        ("--lock-timeout", Patience.lock_timeout_seconds, "How long to wait for a lock, each try."),
        ("--statement-timeout", Patience.statement_timeout_seconds, "For a statement to end."),
    ):
        kind = click.FloatRange(min=0.001)
        option = click.option(
            name, metavar="SECONDS", type=kind, default=default, show_default=True, help=meaning
        )
        run = option(run)
    return run


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def status(as_json: bool) -> int:
    """What has run and what is pending; exits 1 when something does not fit together."""
    found = migration_status(load_settings())
    if as_json:
        print_json({**asdict(found), "sound": found.sound})
    else:
        _print(found)
    return 0 if found.sound else FAILED


@command.command("up")
@click.option("--to", metavar="VERSION", help="Stop after this one, such as 007.")
@click.option("--pre", is_flag=True, help="Only what may run before the new code is deployed.")
@click.option("--out-of-order", is_flag=True, help="Also run what is older than what has run.")
@_timeouts
def up(
    to: str | None, pre: bool, out_of_order: bool, lock_timeout: float, statement_timeout: float
) -> None:
    """Run what is pending, oldest first."""
    if pre and to is not None:
        raise click.UsageError("give --to or --pre, not both")
    patience = _patience(lock_timeout, statement_timeout)
    settings = load_settings()
    if pre:
        chosen = pending_before_deployment(settings)
        if not chosen:
            click.echo("Nothing is pending that runs before the deployment.")
            return
        to = chosen[-1]
    if not migrate_up(settings, to, out_of_order=out_of_order, patience=patience, report=_report):
        click.echo("Nothing is pending.")


@command.command("down")
@click.option("--steps", type=click.IntRange(min=1), help="How many to take back; default 1.")
@click.option("--to", metavar="VERSION", help="Take back all that ran after it; 000 for all.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_timeouts
def down(
    steps: int | None, to: str | None, yes: bool, lock_timeout: float, statement_timeout: float
) -> int:
    """Take back the newest migrations, in the reverse of the order they ran.

    Asks first when that deletes data, and says how much.
    """
    if steps is not None and to is not None:
        raise click.UsageError("give --steps or --to, not both")
    settings, count = load_settings(), steps or 1
    plan = planned_down(settings, steps=count, to=to)
    if not plan.names:
        click.echo("There is nothing to take back.")
        return 0
    if plan.losses and not yes and not _confirmed(plan):
        click.echo("Nothing was changed.")
        return FAILED
    patience = _patience(lock_timeout, statement_timeout)
    migrate_down(settings, steps=count, to=to, patience=patience, report=_report)
    return 0


@command.command("new")
@click.argument("name", nargs=-1, required=True)
def new(name: tuple[str, ...]) -> None:
    """Write an empty migration with the next number.

    NAME says in a few words what it does.
    """
    click.echo(new_migration(load_settings(), " ".join(name)))


@command.command("accept")
@click.argument("version")
@click.option("--reason", required=True, help="Why the file may differ; kept in the ledger.")
def accept(version: str, reason: str) -> None:
    """Let a file that was changed after it ran stand for what ran.

    For a comment or white space: what the database has run stays as it is.
    """
    _report(f"{accept_change(load_settings(), version, reason).name}: accepted as it is now")


def _patience(lock_timeout: float, statement_timeout: float) -> Patience:
    return Patience(lock_timeout_seconds=lock_timeout, statement_timeout_seconds=statement_timeout)


def _confirmed(plan: PlannedDown) -> bool:
    click.echo(f"This takes back {', '.join(plan.names)}, and deletes:")
    for loss in plan.losses:
        click.echo(f"  {_told(loss)}")
    if not somebody_can_be_asked():
        raise click.UsageError("nobody can be asked here: add --yes to mean it")
    return click.confirm("Go on?")


def somebody_can_be_asked() -> bool:
    """Whether a person sits at the other end."""
    return sys.stdin.isatty()


def _told(loss: Loss) -> str:
    """`12 rows of documents`, `12 values of documents.language`."""
    if loss.rows is None:
        return f"what this does, which cannot be told from outside: {loss.statement[:70]}"
    about = "" if loss.counted else "about "
    what = ("value" if loss.column else "row") + ("" if loss.rows == 1 else "s")
    name = f"{loss.table}.{loss.column}" if loss.column else loss.table
    return f"{about}{loss.rows:,} {what} of {name}"


def _report(line: str) -> None:
    click.echo(f"  {click.style(MARK, fg='green')} {line}")


def _print(found: Status) -> None:
    rows: list[tuple[str, ...]] = []
    for item in found.details:
        when = f"{item.at:%Y-%m-%d %H:%M:%S}" if item.at else ""
        took = f"{item.duration_seconds:.2f} s" if item.duration_seconds is not None else ""
        by = "another tool" if item.adopted else (item.operator or "")
        rows.append((item.name, "changed" if item.changed else "applied", when, took, by))
    rows += [(name, "pending", "", "", "") for name in found.pending]
    print_table(("MIGRATION", "STATE", "WHEN", "TOOK", "BY"), rows)
    click.echo(f"{len(found.applied)} applied, {len(found.pending)} pending")
    for field, meaning in FAULTS:
        if names := getattr(found, field):
            click.secho(f"{meaning}: {', '.join(names)}", fg="yellow")
