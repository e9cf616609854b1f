"""`howdah roles`."""

from dataclasses import asdict

import click

from howdah.entrypoints.cli.terminal import print_json, print_table
from howdah.foundation.settings import load_settings
from howdah.operations.roles.provision import provision_roles
from howdah.operations.roles.show import RoleState, role_states


@click.group("roles")
def command() -> None:
    """The database roles: app_read, app_write and howdah_owner."""


@command.command("show")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(as_json: bool) -> int:
    """What the roles are now; exits 1 when one differs from what `up` made."""
    states = role_states(load_settings())
    if as_json:
        print_json([asdict(state) for state in states])
    else:
        print_table(("ROLE", "AS PROVISIONED", "PARAMETERS"), [_row(state) for state in states])
    return 0 if all(state.as_provisioned for state in states) else 1


@command.command("provision")
def provision() -> None:
    """Create what is missing and put back what was changed by hand; `up` does it too."""
    provision_roles(load_settings())
    click.echo("The roles and the database are as the settings say.")


def _row(state: RoleState) -> tuple[object, ...]:
    return state.name, _verdict(state), " ".join(state.parameters) or "-"


def _verdict(state: RoleState) -> str:
    if not state.exists:
        return "no: missing"
    if state.as_provisioned:
        return "yes"
    if state.rights_over_server:
        return "no: has rights over the server"
    return "no: another password" if not state.password_is_secret else "no: changed by hand"
