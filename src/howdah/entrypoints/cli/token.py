"""`howdah token`: create, list, revoke."""

from typing import Any

import click

from howdah.entrypoints.cli.api_client import ApiClient
from howdah.entrypoints.cli.terminal import print_json, print_table
from howdah.foundation.settings import load_settings

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("token")
def command() -> None:
    """The API tokens of whom this command line acts for, through the API."""


@command.command("create")
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice(["read", "write", "admin"]),
    default=["read"],
    show_default=True,
    help="What it may do; may be repeated. Each includes those before it.",
)
@click.option("--org", metavar="SLUG", help="The only organization it reaches.")
@click.option("--days", type=int, help="Days until it expires; without it, never.")
@as_json
def create(
    name: str, scopes: tuple[str, ...], org: str | None, days: int | None, as_json: bool
) -> None:
    """Make a token. Its text is printed once, here, and kept nowhere."""
    client = ApiClient.of(load_settings())
    wish = {
        "name": name,
        "scopes": list(scopes),
        "organization": org,
        "expires_in_days": days,
    }
    made = client.send("POST", "/me/tokens", wish)
    if as_json:
        print_json(made)
        return
    click.echo(made["token"])
    click.echo(f"token {made['id']}; it is not shown again", err=True)


@command.command("list")
@as_json
def list_tokens(as_json: bool) -> None:
    """The tokens, newest first, without their text."""
    rows = list(ApiClient.of(load_settings()).pages("/me/tokens", limit=100))
    if as_json:
        print_json(rows)
        return
    header = ("ID", "NAME", "SCOPES", "ORGANIZATION", "EXPIRES", "LAST USED")
    print_table(header, [_row(row) for row in rows])


@command.command("revoke")
@click.argument("token_id", metavar="ID", type=int)
def revoke(token_id: int) -> None:
    """Make a token worthless, from the next request on."""
    ApiClient.of(load_settings()).send("DELETE", f"/me/tokens/{token_id}")
    click.echo(f"Token {token_id} is revoked.")


def _row(row: dict[str, Any]) -> tuple[object, ...]:
    reach = row["organization"] or (f"#{row['org_id']}" if row["org_id"] else "all")
    expires, used = row["expires_at"] or "never", row["last_used_at"] or "never"
    return (
        row["id"],
        row["name"],
        ",".join(row["scopes"]),
        reach,
        expires[:10],
        used[:16].replace("T", " "),
    )
