"""`howdah logs`."""

import click

from howdah.foundation.settings import load_settings
from howdah.operations.stack.logs import follow, log_file, new_lines, postgresql_log


@click.command("logs")
@click.argument("service")
@click.option("-f", "--follow", "keep_on", is_flag=True, help="Keep printing new lines.")
@click.option("-n", "--lines", default=50, show_default=True, help="How many of the last lines.")
@click.option(
    "--postgresql", "database", is_flag=True, help="PostgreSQL's own log of a member, as JSON."
)
def command(service: str, keep_on: bool, lines: int, database: bool) -> None:
    """Print the last lines of a service's log (`supervisord` is one too).

    The log of a member of the cluster is Patroni's; its PostgreSQL has one of its own.
    """
    layout = load_settings().layout
    path = postgresql_log(layout, service) if database else log_file(layout, service)
    for line in new_lines(path, 0, lines):
        click.echo(line)
    if keep_on:
        for line in follow(path):
            click.echo(line)
