"""`howdah migrate rehearse`."""

from dataclasses import asdict
from pathlib import Path

import click

from howdah.entrypoints.cli.failures import FAILED
from howdah.entrypoints.cli.terminal import MARK, print_json, print_table
from howdah.foundation.settings import load_settings, settings_in_force
from howdah.operations.migrations.rehearse import (
    Plan,
    Rehearsal,
    StatementReport,
    as_page,
    rehearse,
)
from howdah.operations.restores.target import parse_target

"""Locks that keep somebody out are worth a line; AccessShareLock and its like are not."""
HARMLESS = ("AccessShareLock", "RowShareLock", "RowExclusiveLock")


@click.command("rehearse")
@click.option("--clone", is_flag=True, help="Copy the live database, as without any of these.")
@click.option("--dump", type=click.Path(path_type=Path), help="Restore this dump instead.")
@click.option("--from-backup", "moment", metavar="TARGET", help="Restore the backups, to `latest`.")
@click.option("--to", metavar="VERSION", help="Stop after this one, such as 047.")
@click.option("--unmasked", is_flag=True, help="Leave personal data in the copy.")
@click.option("--clients", default=4, show_default=True, help="Clients that use the copy.")
@click.option("--rate", default=50.0, show_default=True, help="Their queries a second, together.")
@click.option("--longest", default=1.0, show_default=True, help="Seconds a query may take.")
@click.option("--html", type=click.Path(path_type=Path), help="Write the report as a page, too.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rehearse_command(  # noqa: PLR0913, PLR0917  (each is an option)
    clone: bool,
    dump: Path | None,
    moment: str | None,
    to: str | None,
    unmasked: bool,
    clients: int,
    rate: float,
    longest: float,
    html: Path | None,
    as_json: bool,
) -> int:
    """Run what is pending on a copy, under load: up, down and up again.

    Tells for each statement how long it took, what it locked, what it wrote and what the slowest
    query of the application was. Exits 1 when a query failed or took too long, or a way back does
    not lead back. TARGET is `latest` or any that `howdah restore --to` takes.
    """
    if sum(map(bool, (clone, dump, moment))) > 1:
        raise click.UsageError("give one of --clone, --dump and --from-backup")
    backup = parse_target(moment) if moment else None
    plan = Plan(dump, backup, to, not unmasked, clients, rate, longest_query_seconds=longest)
    settings = load_settings()
    if backup:
        settings = settings_in_force(settings)
    found = rehearse(settings, plan, lambda line: click.echo(f"  … {line}", err=True))
    if html:
        html.write_text(as_page(found), encoding="utf-8")
        click.echo(f"The report is in {html}.", err=True)
    if as_json:
        print_json(asdict(found) | {"passed": found.passed})
    else:
        _print(found)
    return 0 if found.passed else FAILED


def _print(found: Rehearsal) -> None:
    click.echo(f"On {found.source}.")
    if not found.pending:
        click.echo("Nothing is pending.")
        return
    header = (
        "STATEMENT",
        "WAY",
        "TOOK",
        "LOCK",
        "HELD",
        "ROWS",
        "REWRITTEN",
        "WAL",
        "SLOWEST QUERY",
    )
    print_table(header, [row for one in found.statements for row in _rows(one)])
    click.echo()
    queries = [
        (
            q.name,
            q.count,
            q.failed,
            f"{q.p99_seconds * 1000:.1f}",
            f"{q.slowest_seconds * 1000:.1f}",
        )
        for q in found.meanwhile
    ]
    print_table(("QUERY MEANWHILE", "COUNT", "FAILED", "P99 MS", "SLOWEST MS"), queries)
    for line in (*found.failures, *found.problems):
        click.echo(click.style(f"✗ {line}", fg="red"))
    if found.passed:
        click.echo(f"{click.style(MARK, fg='green')} Nothing speaks against it.")


def _rows(one: StatementReport) -> list[tuple[object, ...]]:
    """A line for the statement, and one more for each further table it keeps somebody out of."""
    locks = [
        (f"{lock.mode.removesuffix('Lock')} {lock.table}", f"{lock.held_seconds:.3f} s")
        for lock in one.locks
        if lock.mode not in HARMLESS
    ]
    first, *more = locks or [("none that matters", "")]
    rewritten = sum(one.rewritten.values())
    slowest = f"{one.slowest_query_seconds * 1000:.1f} ms" if one.slowest_query else ""
    way = f"{one.direction}, no lock" if one.gave_up else one.direction
    head = (f"{one.migration}:{one.line}", way, f"{one.seconds:.3f} s")
    tail = (f"{one.rows:,}", f"{rewritten:,}", _bytes(one.wal_bytes), slowest)
    return [(*head, *first, *tail), *(("", "", "", *lock, "", "", "", "") for lock in more)]


def _bytes(count: int) -> str:
    for unit, size in (("GB", 1 << 30), ("MB", 1 << 20), ("kB", 1 << 10)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} B"
