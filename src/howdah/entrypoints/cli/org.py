"""`howdah org`: list, create, members, invite."""

from itertools import islice
from urllib.parse import quote

import click

from howdah.entrypoints.cli.api_client import ApiClient
from howdah.entrypoints.cli.terminal import print_json, print_table
from howdah.foundation.settings import load_settings

ROLES = ("owner", "admin", "editor", "viewer")
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group("org")
def command() -> None:
    """Organizations of whom this command line acts for, through the API."""


@command.command("list")
@as_json
def list_organizations(as_json: bool) -> None:
    """The organizations that you are a member of, by slug."""
    rows = list(ApiClient.of(load_settings()).pages("/orgs", limit=100))
    if as_json:
        print_json(rows)
        return
    print_table(
        ("SLUG", "NAME", "ROLE", "SINCE"),
        [(row["slug"], row["name"], row["role"], row["created_at"][:10]) for row in rows],
    )


@command.command("create")
@click.argument("slug")
@click.option("--name", help="Its name; without it, the slug.")
@as_json
def create(slug: str, name: str | None, as_json: bool) -> None:
    """Found an organization; you own it."""
    client = ApiClient.of(load_settings())
    row = client.send("POST", "/orgs", {"name": name or slug, "slug": slug})
    if as_json:
        print_json(row)
    else:
        click.echo(f"{row['name']} is organization {row['slug']}, and yours.")


@command.command("members")
@click.argument("slug")
@click.option("--role", type=click.Choice(ROLES), help="Only who has this role.")
@click.option(
    "--limit", type=click.IntRange(min=1), default=100, show_default=True, help="How many to show."
)
@as_json
def members(slug: str, role: str | None, limit: int, as_json: bool) -> None:
    """Who belongs to an organization, as what."""
    client = ApiClient.of(load_settings())
    found = client.pages(f"/orgs/{quote(slug, safe='')}/members", role=role, limit=min(limit, 100))
    rows = list(islice(found, limit))
    if as_json:
        print_json(rows)
        return
    print_table(
        ("ID", "E-MAIL", "NAME", "ROLE", "DISABLED"),
        [
            (
                row["user_id"],
                row["email"],
                row["full_name"],
                row["role"],
                "yes" if row["disabled"] else "-",
            )
            for row in rows
        ],
    )


@command.command("invite")
@click.argument("slug")
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), default="editor", show_default=True)
@as_json
def invite(slug: str, email: str, role: str, as_json: bool) -> None:
    """Invite somebody. No mail is sent: hand over the token, which is printed once, here."""
    client = ApiClient.of(load_settings())
    body = {"email": email, "role": role}
    made = client.send("POST", f"/orgs/{quote(slug, safe='')}/invitations", body)
    if as_json:
        print_json(made)
        return
    click.echo(made["token"])
    click.echo(
        f"{email} may join as {role} until {made['expires_at'][:10]}:"
        " POST /api/v1/invitations/accept with this token; it is not shown again",
        err=True,
    )
