"""`howdah backup`."""

from dataclasses import asdict
from typing import Any

import click

from howdah.entrypoints.cli.backup_check import check_command
from howdah.entrypoints.cli.backup_verify import verify_command
from howdah.entrypoints.cli.terminal import MARK, print_json, print_table
from howdah.foundation.settings import load_settings, settings_in_force
from howdah.operations.backups.listing import Backup, Listing, backups_of
from howdah.operations.backups.take import KINDS, take_backup

MB = 1_000_000
FORMAT = "%Y-%m-%d %H:%M:%SZ"


@click.group("backup")
def command() -> None:
    """Backups and the archive of WAL: take, list, check, verify."""


command.add_command(check_command)
command.add_command(verify_command)


@command.command("take")
@click.option(
    "--kind", type=click.Choice(list(KINDS)), default="full", show_default=True, help="What kind."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def take(kind: str, as_json: bool) -> None:
    """Take a backup now, beside the daily one.

    It is read from the standby when there is one, compressed and encrypted. Backups older than the
    retention are deleted afterwards, the newest never.
    """
    taken = take_backup(_settings(), kind, lambda sentence: click.echo(sentence, err=True))
    if as_json:
        print_json(_as_data(taken))
        return
    mark = click.style(MARK, fg="green")
    sizes = f"{_megabytes(taken.database_bytes)}, {_megabytes(taken.repository_bytes)} stored"
    click.echo(f"{mark} {taken.label}: {taken.kind}, {sizes}, {taken.seconds:.0f} s")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_backups(as_json: bool) -> None:
    """Every backup, oldest first, and how far back a restore can go."""
    found = backups_of(_settings())
    if as_json:
        backups = [_as_data(item) for item in found.backups]
        print_json({"backups": backups, "newest_segment": found.newest_segment})
    else:
        _print(found)


def _settings() -> Any:
    return settings_in_force(load_settings())


def _as_data(backup: Backup) -> dict[str, Any]:
    return asdict(backup) | {"seconds": backup.seconds, "timeline": backup.timeline}


def _print(found: Listing) -> None:
    if not found.backups:
        click.echo("There is no backup yet; `howdah backup take` takes one.")
        return
    header = ("LABEL", "KIND", "BEGAN", "SECONDS", "DATABASE", "STORED", "TIMELINE", "")
    print_table(header, [_row(item) for item in found.backups])
    click.echo()
    click.echo(f"Any moment from {found.backups[0].ended:{FORMAT}} on can be restored,")
    click.echo(f"up to the end of WAL segment {found.newest_segment}.")


def _row(backup: Backup) -> tuple[object, ...]:
    return (
        backup.label,
        backup.kind,
        f"{backup.begun:{FORMAT}}",
        f"{backup.seconds:.0f}",
        _megabytes(backup.database_bytes),
        _megabytes(backup.repository_bytes),
        backup.timeline,
        click.style("damaged pages", fg="red") if backup.damaged else "",
    )


def _megabytes(size: int) -> str:
    return f"{size / MB:.1f} MB"
