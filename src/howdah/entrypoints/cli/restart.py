"""`howdah restart`."""

import click

from howdah.entrypoints.cli.terminal import Steps
from howdah.foundation.settings import load_settings
from howdah.operations.stack.restart import restart


@click.command("restart")
@click.argument("services", nargs=-1, metavar="[SERVICE]…")
def command(services: tuple[str, ...]) -> None:
    """Restart services (all when none are named) and wait until they serve."""
    restart(load_settings(), frozenset(services), Steps())
