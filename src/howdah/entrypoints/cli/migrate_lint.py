"""`howdah migrate lint`."""

from dataclasses import asdict

import click

from howdah.entrypoints.cli.failures import FAILED
from howdah.entrypoints.cli.terminal import MARK, print_json
from howdah.foundation.settings import load_settings
from howdah.operations.migrations.lint import Finding, lint_migrations


@click.command("lint")
@click.argument("files", nargs=-1, metavar="[FILE]…")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def lint(files: tuple[str, ...], as_json: bool) -> int:
    """What a migration would do to those who use the tables, before it runs.

    FILE is a file or its number; without any the whole folder is judged. Exits 1 when a rule is
    broken without a reasoned exception.
    """
    found = lint_migrations(load_settings(), files)
    if as_json:
        print_json([asdict(one) for one in found])
    else:
        _print(found)
    return FAILED if found else 0


def _print(found: list[Finding]) -> None:
    for one in found:
        rule = click.style(one.rule, fg="yellow")
        click.echo(f"{one.file}:{one.line}: {rule}: {one.message}")
        for line in (one.instead, one.page):
            if line:
                click.echo(f"    {line}")
    if found:
        click.echo(f"{len(found)} found")
    else:
        click.echo(f"{click.style(MARK, fg='green')} No rule is broken.")
