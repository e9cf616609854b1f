"""`howdah backup verify`."""

from dataclasses import asdict
from typing import Any

import click

from howdah.entrypoints.cli.restore_test import restore_test
from howdah.entrypoints.cli.terminal import MARK, print_json, print_table
from howdah.foundation.settings import load_settings, settings_in_force
from howdah.operations.backups.verify import Verification, verify_backups


@click.command("verify")
@click.option("--restore", "restores", is_flag=True, help="Restore the newest and compare it.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify_command(restores: bool, as_json: bool) -> int:
    """Read every byte of every backup and of the archive, and compare it with its checksum.

    Names what is damaged or missing. Reads the whole repository: minutes for 100 GB. Exits 1 when
    anything is damaged, or could not be read.

    With --restore the newest backup becomes a database again in a scratch place instead: recovered,
    checked page by page and index by index, its rows and the application's queries compared with
    what was there when it was taken, and deleted. The result is kept as evidence.
    """
    settings = settings_in_force(load_settings())
    if restores:
        return restore_test(settings, as_json=as_json)
    if not as_json:
        click.echo("reading the repository …", err=True)
    found = verify_backups(settings)
    if as_json:
        print_json(_as_data(found))
    else:
        _print(found)
    return 0 if found.passed else 1


def _as_data(found: Verification) -> dict[str, Any]:
    return asdict(found) | {"passed": found.passed}


def _print(found: Verification) -> None:
    header = ("BACKUP", "STATUS", "FILES", "VALID")
    rows = [(item.label, item.status, item.files, item.valid_files) for item in found.backups]
    if rows:
        print_table(header, rows)
        click.echo()
    for damage in found.damages:
        word = "copy serves:" if damage.mended_by_copy else "damaged:"
        click.echo(f"{click.style(word, fg='red', bold=True)} {damage.sentence}")
    if not found.complete:
        click.echo(click.style("Not everything could be read: this proves nothing.", fg="red"))
    elif found.passed:
        mark = click.style(MARK, fg="green")
        click.echo(
            f"{mark} {len(found.backups)} backups and {found.wal_segments} WAL segments are as "
            f"they were stored, none is missing ({found.seconds:.0f} s)"
        )
