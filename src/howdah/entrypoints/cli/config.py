"""`howdah config`."""

import click

from howdah.entrypoints.cli.terminal import print_json
from howdah.foundation.rendering.settings_files import effective_toml, effective_values
from howdah.foundation.settings import load_settings
from howdah.foundation.topology_values import setting_keys, warnings_of


@click.group("config")
def command() -> None:
    """Show and check the settings."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(as_json: bool) -> None:
    """Print every setting in force, as TOML."""
    settings = load_settings()
    if as_json:
        where = {"home": settings.home, "config_file": settings.config_file}
        print_json(where | effective_values(settings.topology))
    else:
        click.echo(f"# home: {settings.home}")
        click.echo(f"# file: {settings.config_file or 'none'}")
        click.echo(effective_toml(settings.topology), nl=False)


@command.command("check")
def check() -> None:
    """List every mistake in the settings; exits 2 when there is one."""
    settings = load_settings()
    where = settings.config_file or "the environment and the defaults"
    for warning in warnings_of(settings.topology):
        click.echo(f"warning: {warning}")
    click.echo(f"{len(setting_keys())} settings from {where} are valid.")
