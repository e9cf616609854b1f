"""`howdah status`."""

from dataclasses import asdict

import click

from howdah.entrypoints.cli.backup_check import backups_data, print_backups
from howdah.entrypoints.cli.terminal import duration, print_json, print_table
from howdah.foundation.settings import load_settings, settings_in_force
from howdah.operations.recovery.journal import unfinished_recovery
from howdah.operations.stack.status import ServiceStatus, stack_status


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:
    """What runs, and whether it really serves: each service is asked.

    Exits 0 when every service of the stack serves, 1 otherwise. What is wrong with the backups is
    shown, as the ops worker found it within the last minute; `howdah backup check` looks now.
    """
    given = load_settings()
    services = stack_status(given)
    settings = settings_in_force(given)
    recovery = unfinished_recovery(settings.layout)
    if as_json:
        lines = [asdict(service) for service in services]
        backups = backups_data(settings)
        print_json({"services": lines, "backups": backups, "unfinished_recovery": recovery or None})
    else:
        _print(services)
        if recovery:
            click.echo(f"\nRecovery {recovery} is unfinished; `howdah recover status` shows it.")
        if settings.topology.backup.enabled:
            print_backups(settings)
    return 0 if all(service.healthy for service in services) else 1


def _print(services: list[ServiceStatus]) -> None:
    header = ("SERVICE", "STATE", "SERVES", "PID", "PORT", "UP FOR", "")
    print_table(header, [_row(service) for service in services])


def _row(service: ServiceStatus) -> tuple[object, ...]:
    uptime = service.uptime_seconds
    return (
        service.service,
        service.state,
        "yes" if service.healthy else "no",
        service.pid or "-",
        service.port or "-",
        "-" if uptime is None else duration(uptime),
        service.detail,
    )
