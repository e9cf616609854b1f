"""`howdah migrate verify`."""

from dataclasses import asdict

import click

from howdah.entrypoints.cli.failures import FAILED
from howdah.entrypoints.cli.terminal import MARK, print_json
from howdah.foundation.settings import load_settings
from howdah.operations.migrations.verify import (
    Proof,
    Verification,
    verify_migrations,
    write_snapshot,
)


@click.command("verify")
@click.option("--write-schema", is_flag=True, help="Write migrations/schema.sql.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def verify(write_schema: bool, as_json: bool) -> int:
    """Prove that each migration can be taken back and run again, on a scratch database.

    Schema and rows are compared after each way; migrations/schema.sql is compared with the sum.
    Exits 1 when anything differs.
    """
    settings = load_settings()
    found = verify_migrations(settings, (lambda _: None) if as_json else _tell)
    if write_schema:
        paths = write_snapshot(settings, found)
        found = Verification(found.proofs, (), found.made)
        click.echo(f"Written: {', '.join(map(str, paths))}", err=True)
    if as_json:
        print_json(_described(found))
    else:
        _print(found)
    return 0 if found.proven else FAILED


def _described(found: Verification) -> dict[str, object]:
    """Without the schema itself, which `--write-schema` puts where it belongs."""
    proofs = [asdict(proof) for proof in found.proofs]
    return {"proven": found.proven, "snapshot": found.snapshot, "proofs": proofs}


def _tell(proof: Proof) -> None:
    mark = click.style("✗", fg="red") if proof.problems else click.style(MARK, fg="green")
    times = f"up {proof.up_seconds:.2f} s, down {proof.down_seconds:.2f} s"
    click.echo(f"  {mark} {proof.name}: {times}")
    if proof.forgets:
        click.echo(f"      forgets: {proof.forgets}")
    for problem in proof.problems:
        for line in problem.splitlines():
            click.echo(f"      {line}")


def _print(found: Verification) -> None:
    if found.snapshot:
        click.echo("migrations/schema.sql and schema.hashes are not what the migrations make:")
        for line in found.snapshot:
            click.echo(f"  {line}")
        click.echo("`./howdah migrate verify --write-schema` writes it anew.")
    wrong = sum(bool(proof.problems) for proof in found.proofs)
    click.echo(f"{len(found.proofs) - wrong} proven, {wrong} not")
