"""`howdah user`: list, create, disable, enable."""

import sys
from itertools import islice
from typing import Any

import click

from howdah.entrypoints.cli.api_client import ApiClient
from howdah.entrypoints.cli.terminal import print_json, print_table
from howdah.foundation.errors import InvalidInput, NotFound
from howdah.foundation.settings import load_settings

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("user")
def command() -> None:
    """The users of this installation, through the API."""


@command.command("list")
@click.option("--email", help="Only who has this address.")
@click.option(
    "--metadata",
    metavar="JSON",
    help='Only whose preferences contain this, as in \'{"notifications": {"email": true}}\'.',
)
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many to show."
)
@as_json
def list_users(email: str | None, metadata: str | None, limit: int, as_json: bool) -> None:
    """Users in the order of their ids."""
    client = ApiClient.of(load_settings())
    found = client.pages("/users", email=email, metadata=metadata, limit=min(limit, 100))
    rows = list(islice(found, limit))
    if as_json:
        print_json(rows)
        return
    header = ("ID", "E-MAIL", "NAME", "ROLE", "DISABLED")
    print_table(header, [_row(row) for row in rows])


@command.command("create")
@click.argument("email")
@click.option("--name", required=True, help="Full name.")
@click.option("--admin", is_flag=True, help="Somebody who runs the installation.")
@as_json
def create(email: str, name: str, admin: bool, as_json: bool) -> None:
    """Make an account. The password is asked for, or read from standard input, one line."""
    client = ApiClient.of(load_settings())
    wish = {
        "email": email,
        "full_name": name,
        "password": new_password(),
        "role": "admin" if admin else "user",
    }
    row = client.send("POST", "/users", wish)
    if as_json:
        print_json(row)
    else:
        click.echo(f"{row['email']} is user {row['id']}.")


@command.command("disable")
@click.argument("email")
def disable(email: str) -> None:
    """Stop somebody's sessions and tokens, at once. What they wrote stays."""
    row = _changed(email, {"disabled": True})
    click.echo(f"{row['email']} cannot sign in any more.")


@command.command("enable")
@click.argument("email")
def enable(email: str) -> None:
    """Let somebody sign in again; their API tokens work again too."""
    row = _changed(email, {"disabled": False})
    click.echo(f"{row['email']} can sign in again.")


def new_password() -> str:
    """Never an argument: those are in the shell's history and in the list of processes."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    password = sys.stdin.readline().rstrip("\n")
    if not password:
        raise InvalidInput(
            "there is no password on standard input", hint="write it there, on one line"
        )
    return password


def _changed(email: str, change: dict[str, Any]) -> dict[str, Any]:
    client = ApiClient.of(load_settings())
    found = client.get("/users", email=email)["items"]
    if not found:
        raise NotFound(f"there is no user with the address {email}")
    row: dict[str, Any] = client.send("PATCH", f"/users/{found[0]['id']}", change)
    return row


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    disabled = row["disabled_at"] or ""
    return row["id"], row["email"], row["full_name"], row["role"], disabled[:10]
