"""`howdah reset`."""

import click

from howdah.foundation.errors import InvalidInput
from howdah.foundation.settings import load_settings
from howdah.operations.stack.reset import reset


@click.command("reset")
@click.option("--yes", is_flag=True, help="Do not ask.")
def command(yes: bool) -> None:
    """Stop the stack and delete its database, queue, secrets and logs."""
    settings = load_settings()
    if not settings.layout.marker.exists():
        click.echo(f"There is nothing to delete in {settings.home}.")
        return
    database = settings.topology.postgresql.database
    if not yes:
        click.echo(
            f"This deletes the database {database!r} and everything else in {settings.home}."
        )
        if click.prompt("Type the name of the database to go on", default="") != database:
            raise InvalidInput("that is not its name; nothing was deleted")
    reset(settings)
    click.echo(f"Deleted everything in {settings.home}.")
