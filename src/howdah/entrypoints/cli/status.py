"""`howdah status`."""

from dataclasses import asdict

import click

from howdah.entrypoints.cli.terminal import duration, print_json, print_table
from howdah.foundation.settings import load_settings
from howdah.operations.stack.status import ServiceStatus, stack_status


@click.command("status")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> int:
    """What runs, and whether it really serves: each service is asked.

    Exits 0 when every service of the stack serves, 1 otherwise.
    """
    services = stack_status(load_settings())
    if as_json:
        print_json([asdict(service) for service in services])
    else:
        _print(services)
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
