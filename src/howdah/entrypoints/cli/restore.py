"""`howdah restore`."""

import sys
import time
from pathlib import Path

import click

from howdah.entrypoints.cli.restore_in_place import in_place
from howdah.entrypoints.cli.terminal import MARK, duration, print_json
from howdah.foundation.settings import load_settings, settings_in_force
from howdah.operations.recovery.choices import RESTORE, Choice
from howdah.operations.restores.into import RestorePlan, restore_into
from howdah.operations.restores.report import MB, PHASES, RestoreReport
from howdah.operations.restores.target import lsn_text, moment_text, parse_target

BAR = 24
PAUSE_SECONDS = 0.5


@click.command("restore")
@click.option("--to", "to", required=True, metavar="TARGET", help="TIME, LSN, NAME, xid:N, latest.")
@click.option("--before", is_flag=True, help="Stop just before it, not just after it.")
@click.option("--into", "folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--in-place", "live", is_flag=True, help="Into the place of the live database.")
@click.option("--start", is_flag=True, help="Leave the server running.")
@click.option("--port", default=0, help="Its port.  [default: ports.base + 99]")
@click.option("--set", "label", metavar="LABEL", help="Begin with this backup.")
@click.option("--timeline", type=int, help="Another timeline than production's.")
@click.option("--again", is_flag=True, help="Delete a finished restore that is in DIR.")
@click.option("--member", help="Restore into this member's place (--in-place).")
@click.option("--keep-serving", is_flag=True, help="Take writes until the end (--in-place).")
@click.option("--yes", is_flag=True, help="Do not ask (--in-place).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(  # noqa: PLR0913, PLR0917  (each is an option)
    to: str,
    before: bool,
    folder: Path | None,
    live: bool,
    start: bool,
    port: int,
    label: str | None,
    timeline: int | None,
    again: bool,
    member: str | None,
    keep_serving: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Go back to a moment: a database of that moment in a folder of its own.

    What runs is not touched, unless you say --in-place: then the database of that moment takes the
    place of the live one, whose data are set aside, and what was written since is lost.

    TARGET is a time with its zone ("2026-11-22 10:00:00Z"), an LSN, the name of a restore point, a
    transaction (xid:742), or `latest`. What committed at TARGET is in it; with --before it is not.
    """
    settings = settings_in_force(load_settings())
    target = parse_target(to, before=before)
    if live == (folder is not None):
        raise click.UsageError("say either --into DIR or --in-place")
    if live:
        choice = Choice(RESTORE, to, before, member, not keep_serving, label or "", timeline or 0)
        in_place(settings, choice, yes=yes, as_json=as_json)
        return
    assert folder is not None
    plan = RestorePlan(target, folder, start, port, label, timeline, again)
    bar = ProgressLine()
    try:
        found = restore_into(settings, plan, bar.say, bar.show)
    finally:
        bar.clear()
    if as_json:
        print_json(found.as_data())
    else:
        _print(found)


class ProgressLine:
    """Sentences on standard error, and under them, on a terminal, a line that fills."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._drawn = False
        self._phase = ""
        self._begun = 0.0
        self._looked = 0.0

    def say(self, sentence: str) -> None:
        """Print a sentence."""
        self.clear()
        click.echo(f"  {sentence}", err=True)

    def show(self, phase: str, done: int, total: int) -> None:
        """Draw how far the phase is."""
        now = time.monotonic()
        if phase != self._phase:
            self._phase, self._begun, self._looked = phase, now, 0.0
        if not self._live or now - self._looked < PAUSE_SECONDS:
            return
        self._looked = now
        self.clear()
        click.echo(progress_text(phase, done, total, now - self._begun), nl=False, err=True)
        self._drawn = True

    def clear(self) -> None:
        """Take the line away."""
        if self._drawn:
            click.echo("\r\x1b[K", nl=False, err=True)
            self._drawn = False


def progress_text(phase: str, done: int, total: int, seconds: float) -> str:
    """The line, with what is left when that can be told."""
    share = min(1.0, done / total) if total else 0.0
    bar = "█" * round(share * BAR) + "·" * (BAR - round(share * BAR))
    left = ""
    if done and seconds > 1 and share < 1:
        left = f", {duration(int(seconds / share - seconds))} left"
    return f"\r  {phase:<8} {bar} {done / MB:,.0f} of {total / MB:,.0f} MB{left}"


def _print(found: RestoreReport) -> None:
    mark = click.style(MARK, fg="green")
    click.echo(f"{mark} {found.folder} holds the database as of {found.target}")
    rows = (
        ("reached", f"{moment_text(found.reached_at)}, LSN {lsn_text(found.reached_lsn)}"),
        ("last in it", found.last or "no transaction that the archive still holds"),
        ("next, not in it", found.next or "none: this is all the archive holds"),
        ("backup", f"{found.backup}, timeline {found.source_timeline}"),
        *((f"{name}", _phase(found, name)) for name in PHASES),
    )
    for title, text in rows:
        click.echo(f"  {title:<16} {text}")
    if found.started:
        click.echo(f"\nIt runs: psql -h 127.0.0.1 -p {found.port} (also by {found.socket})")
    else:
        click.echo(f"\nIt is stopped. To start it:\n  {found.start_command}")
        click.echo(f"then psql -h {found.socket} -p {found.port} -U postgres")


def _phase(found: RestoreReport, name: str) -> str:
    seconds = f"{found.seconds.get(name, 0.0):.1f} s"
    if name == "restore":
        rate = found.restore_mb_per_second
        return f"{seconds}, {found.database_bytes / MB:,.1f} MB at {rate:,.0f} MB/s"
    if name == "replay":
        rate = found.replay_mb_per_second
        return f"{seconds}, {found.wal_bytes / MB:,.1f} MB of WAL at {rate:,.0f} MB/s"
    return seconds
