"""`howdah cluster certificates` and `howdah cluster rotate-certificates`."""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from howdah.entrypoints.cli.terminal import print_json, print_table
from howdah.foundation.certificates import CertificateView
from howdah.foundation.settings import load_settings
from howdah.operations.cluster.list_certificates import list_certificates
from howdah.operations.cluster.reporting import silent
from howdah.operations.cluster.rotate_authority import rotate_authority
from howdah.operations.cluster.rotate_certificates import (
    Rotation,
    TakenUp,
    rotate_certificates,
    troubles,
)

SHOWN_DIGITS = 12
"""Of a serial number in a table; --json has all of them."""


@click.command("certificates")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> int:
    """The cluster's certificates and when they end; exits 1 when one is due or not usable."""
    found = list_certificates(load_settings())
    if as_json:
        print_json([asdict(item) for item in found])
    else:
        header = ("CERTIFICATE", "SERIAL", "EXPIRES", "DAYS LEFT", "HOSTS", "")
        print_table(header, [_certificate_row(item) for item in found])
    return 1 if any(item.trouble for item in found) else 0


@click.command("rotate-certificates")
@click.option("--authority", is_flag=True, help="Replace the certificate authority as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rotate_command(authority: bool, as_json: bool) -> int:
    """New certificates for everything, taken up by what runs without dropping a client.

    Each program is asked afterwards which certificate it presents; exits 1 when one did not take
    its new one up. Nothing stops serving: what fails keeps its old certificate.
    """
    rotate = rotate_authority if authority else rotate_certificates
    rotation = rotate(load_settings(), silent if as_json else _show)
    if as_json:
        print_json(asdict(rotation) | {"complete": rotation.complete})
    else:
        _print(rotation)
    return 0 if rotation.complete else 1


def _show(line: str) -> None:
    click.echo(f"  {line}")


def _print(rotation: Rotation) -> None:
    header = ("ENDPOINT", "OLD SERIAL", "NEW SERIAL", "EXPIRES", "")
    print_table(header, [_endpoint_row(row, rotation) for row in rotation.endpoints])
    if not rotation.stack_runs:
        click.echo("The stack is down: the new certificates are used from its next start on.")
    for sentence in troubles(rotation):
        click.echo(sentence, err=True)


def _endpoint_row(row: TakenUp, rotation: Rotation) -> tuple[object, ...]:
    verdict = row.trouble or ("taken up" if rotation.stack_runs else "not running")
    expires = f"{row.expires:%Y-%m-%d}" if row.expires else "-"
    return row.endpoint, _short(row.old or "-"), _short(row.new), expires, verdict


def _certificate_row(item: CertificateView) -> tuple[object, ...]:
    if item.expires is None:
        return item.name, "-", "-", "-", ", ".join(item.hosts), item.trouble
    days = (item.expires - datetime.now(UTC)).days
    hosts = ", ".join(item.hosts) or "-"
    return item.name, _short(item.serial), f"{item.expires:%Y-%m-%d}", days, hosts, item.trouble


def _short(serial: str) -> str:
    return serial[:SHOWN_DIGITS]
