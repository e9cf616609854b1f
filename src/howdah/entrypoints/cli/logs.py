"""`howdah logs`."""

import click

from howdah.foundation.settings import load_settings
from howdah.operations.stack.logs import follow, log_file, new_lines


@click.command("logs")
@click.argument("service")
@click.option("-f", "--follow", "keep_on", is_flag=True, help="Keep printing new lines.")
@click.option("-n", "--lines", default=50, show_default=True, help="How many of the last lines.")
def command(service: str, keep_on: bool, lines: int) -> None:
    """Print the last lines of a service's log (`supervisord` is one too)."""
    path = log_file(load_settings().layout, service)
    for line in new_lines(path, 0, lines):
        click.echo(line)
    if keep_on:
        for line in follow(path):
            click.echo(line)
