"""`howdah up`."""

import sys
import time

import click

from howdah.entrypoints.cli.first_tenant import ADMIN_EMAIL, create_first_tenant
from howdah.entrypoints.cli.terminal import Steps
from howdah.foundation.errors import Conflict
from howdah.foundation.secrets import secret_file
from howdah.foundation.settings import Settings, load_settings
from howdah.foundation.topology_values import warnings_of
from howdah.operations.drills.repairs import HELD, heal_leftovers
from howdah.operations.recovery.in_place import unfinished
from howdah.operations.stack.programs import NAMES
from howdah.operations.stack.up import bring_up


@click.command("up")
@click.option(
    "--profile",
    type=click.Choice(["solo", "full"]),
    help="One PostgreSQL, or the cluster; default: what this home was made with, else solo.",
)
@click.option(
    "--services",
    metavar="NAME,…",
    default="",
    help=f"Start only these: {', '.join(NAMES)}.",
)
@click.option("--keep-schema", is_flag=True, help="Run no migration: leave the schema as it is.")
def command(profile: str | None, services: str, keep_schema: bool) -> None:
    """Start everything and wait until it serves.

    On the first time this makes the secrets, the database, its roles and its schema. What runs
    already is left alone, unless its settings have changed.
    """
    settings = load_settings(profile=profile)
    for warning in warnings_of(settings.topology):
        click.echo(f"  ! {warning}", err=True)
    begun = time.monotonic()
    names = frozenset(name.strip() for name in services.split(",") if name.strip())
    _heal(settings, *HELD)
    if why := unfinished(settings):
        raise Conflict(
            f"nothing is started: {why}",
            hint="`howdah recover --resume` finishes it, `howdah recover --give-up` takes it back",
        )
    bring_up(settings, names, Steps(), migrate=not keep_schema)
    _heal(settings)
    everything = not names
    created = everything and not keep_schema and create_first_tenant(settings)
    click.echo(f"\nHowdah runs ({time.monotonic() - begun:.1f} s).")
    if everything or "api" in names:
        _print_addresses(settings)
    if everything:
        _print_sign_in(settings, created=created)
    click.echo(f"  {'look':<10} {_command()} status\n  {'stop':<10} {_command()} down")


def _heal(settings: Settings, *kinds: str) -> None:
    """Put right what a drill that was killed left broken."""
    for failure in heal_leftovers(settings, *kinds):
        click.echo(f"warning: left by a drill that was killed: {failure}", err=True)


def _print_addresses(settings: Settings) -> None:
    topology = settings.topology
    api = f"http://{topology.api.host}:{topology.ports.api}"
    click.echo(f"  {'API':<10} {api}/api/v1")
    click.echo(f"  {'docs':<10} {api}/docs")
    if topology.clustered:
        click.echo(f"  {'cluster':<10} {_command()} cluster status")


def _print_sign_in(settings: Settings, *, created: bool) -> None:
    """The password itself is shown once, when the admin is new; afterwards where it is kept."""
    where = secret_file(settings.home, "first_admin")
    known = settings.secret("first_admin") if created else f"in {where}"
    click.echo(f"  {'sign in':<10} {ADMIN_EMAIL}, password {known}")
    if created:
        click.echo(f"  {'':<10} (also in {where})")


def _command() -> str:
    """How this was called: by the script of the checkout, or installed."""
    return "./howdah" if sys.argv[0].endswith("__main__.py") else "howdah"
