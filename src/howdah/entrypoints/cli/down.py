"""`howdah down`."""

import click

from howdah.foundation.settings import load_settings
from howdah.operations.stack.down import take_down


@click.command("down")
def command() -> None:
    """Stop everything that runs for this home; the data stay.

    Also ends what a killed supervisor left behind.
    """
    stopped = take_down(load_settings())
    click.echo("Howdah is stopped." if stopped else "Nothing was running.")
