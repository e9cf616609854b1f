"""`howdah migrate drift`."""

from dataclasses import asdict
from datetime import datetime

import click

from howdah.entrypoints.cli.failures import FAILED
from howdah.entrypoints.cli.terminal import MARK, print_json
from howdah.foundation.settings import load_settings
from howdah.operations.migrations.drift import Drift, find_drift
from howdah.operations.migrations.drift.who import Change

MOMENT = "%Y-%m-%d %H:%M:%S UTC"


@click.command("drift")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def drift(as_json: bool) -> int:
    """What was changed in the live schema by other means than a migration.

    Every difference is printed with the statements that would mend it; nothing is changed. Exits 1
    when there is one, or when it cannot be said.
    """
    found = find_drift(load_settings())
    if as_json:
        print_json(asdict(found))
    else:
        _print(found)
    return FAILED if found.differences else 0


def _print(found: Drift) -> None:
    """SQL that could be run as it stands, once somebody has read it."""
    for one in found.differences:
        click.echo(f"-- {click.style(f'{one.state} {one.object}', fg='yellow')}")
        if found.audited_since:
            click.echo(f"-- {_told(found.changed_by.get(one.object), found.audited_since)}")
        for statement in one.mend:
            click.echo(statement if statement.startswith("--") else f"{statement};")
        click.echo()
    if found.differences:
        count = f"{len(found.differences)} difference" + "s" * (len(found.differences) > 1)
        click.echo(f"-- {count} from migration {found.version}")
        if not found.audited_since:
            click.echo("-- Who did it cannot be said: there is no log of pgAudit here.")
    else:
        mark = click.style(MARK, fg="green")
        click.echo(f"{mark} The schema is what its migrations make, up to {found.version}.")


def _told(change: Change | None, since: datetime) -> str:
    """By whom and when, as a line for people."""
    if change is None:
        return f"by whom is not in the servers' logs, which go back to {since:{MOMENT}}"
    place = f"from {change.client}" if change.client else "on the server itself"
    program = f"with {change.application} " if change.application else ""
    return f"by {change.role} {program}{place} at {change.at:{MOMENT}}: {change.statement}"
