"""`howdah backup check`, and the section on backups in `howdah status`."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from howdah.entrypoints.cli.terminal import duration, print_json
from howdah.foundation.settings import Settings, load_settings, settings_in_force
from howdah.operations.backups.check import check_backups
from howdah.operations.backups.figures import Check, Figures, Problem
from howdah.operations.backups.problems import size
from howdah.operations.backups.state import Known, known, write_state

MOMENT = "%Y-%m-%d %H:%M:%SZ"
UNKNOWN = "unknown"


@click.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def check_command(as_json: bool) -> int:
    """Look into the repository itself: does WAL arrive, is any missing, is there a fresh backup.

    Takes seconds. Exits 1 when anything is wrong, or could not be looked at.
    """
    settings = settings_in_force(load_settings())
    found = check_backups(settings)
    write_state(settings, found)
    if as_json:
        print_json(found.as_data())
    else:
        _print(found)
    return 1 if found.problems else 0


def _print(found: Check) -> None:
    for name, value in _lines(found.figures, found.moment):
        click.echo(f"{name:<14} {value}")
    click.echo()
    print_problems(found.problems)


def print_problems(problems: Iterable[Problem]) -> None:
    """Each with what to do."""
    nothing = True
    for problem in problems:
        nothing = False
        click.echo(f"{click.style('wrong:', fg='red', bold=True)} {problem.sentence}")
        if problem.hint:
            click.echo(f"  {click.style('hint:', bold=True)} {problem.hint}")
    if nothing:
        click.echo(click.style("Nothing is wrong.", fg="green"))


def _lines(figures: Figures, now: datetime) -> Iterable[tuple[str, str]]:
    """Each figure as it is read at night: how long ago, rather than when."""
    yield "backups", _counted(figures, now)
    yield (
        "restorable",
        "nothing"
        if figures.earliest is None
        else (
            f"any moment from {figures.earliest:{MOMENT}} on ({_ago(figures.earliest, now)} back)"
        ),
    )
    yield (
        "archive",
        UNKNOWN
        if figures.segments is None
        else (
            f"{figures.segments} WAL segments, the newest {figures.newest_segment or '-'}, "
            f"{_ago(figures.archived_at, now)} old"
        ),
    )
    yield (
        "gaps",
        UNKNOWN
        if figures.gaps is None
        else (
            f"{figures.gaps} ({figures.missing_segments} segments missing)"
            if figures.gaps
            else "none"
        ),
    )
    yield (
        "not archived",
        UNKNOWN
        if figures.waiting_bytes is None
        else (f"{size(figures.waiting_bytes)}; {figures.waiting_segments} finished segments wait"),
    )
    yield "pg_wal", _size(figures.wal_bytes)
    yield (
        "repository",
        _space(figures.repository_free_bytes, figures.repository_size_bytes)
        + (f", {size(figures.stored_bytes)} stored" if figures.stored_bytes is not None else ""),
    )
    yield "data disk", _space(figures.disk_free_bytes, figures.disk_size_bytes)


def _counted(figures: Figures, now: datetime) -> str:
    if figures.backups is None:
        return UNKNOWN
    if figures.newest_backup_at is None:
        return "none"
    newest = f"{figures.newest_backup}, {_ago(figures.newest_backup_at, now)} old"
    return f"{figures.backups}, the newest {newest}"


def _ago(moment: datetime | None, now: datetime) -> str:
    if moment is None:
        return UNKNOWN
    return duration(int(max(now - moment, timedelta()).total_seconds()))


def _size(count: int | None) -> str:
    return UNKNOWN if count is None else size(count)


def _space(free: int | None, whole: int | None) -> str:
    if free is None or not whole:
        return "its size is not known"
    return f"{size(free)} free of {size(whole)} ({free / whole:.0%})"


def print_backups(settings: Settings) -> None:
    """The section of `howdah status`."""
    found, now = known(settings), datetime.now(UTC)
    click.echo()
    click.echo(f"Backups: {_summary(found, now)}")
    problems = found.problems(now)
    if problems:
        print_problems(problems)


def _summary(found: Known, now: datetime) -> str:
    if found.check is None:
        return UNKNOWN
    figures = found.check.figures
    parts = [
        f"newest {_ago(figures.newest_backup_at, now)} old"
        if figures.newest_backup_at
        else ("none" if figures.backups == 0 else UNKNOWN),
        f"restorable from {figures.earliest:{MOMENT}} on" if figures.earliest else "",
        f"newest WAL {_ago(figures.archived_at, now)} old" if figures.archived_at else "",
        f"looked at {_ago(found.check.moment, now)} ago",
    ]
    return ", ".join(part for part in parts if part)


def backups_data(settings: Settings) -> dict[str, Any] | None:
    """The same for `howdah status --json`; None where no backups are taken."""
    if not settings.topology.backup.enabled:
        return None
    found, now = known(settings), datetime.now(UTC)
    checked = found.check.as_data() if found.check else {"moment": None, "figures": None}
    problems = [
        {"kind": item.kind, "sentence": item.sentence, "hint": item.hint}
        for item in found.problems(now)
    ]
    test = found.restore_test
    tested = (
        {"moment": test.moment.isoformat(), "passed": test.passed, "seconds": test.seconds}
        if test
        else None
    )
    return {**checked, "problems": problems, "restore_test": tested}
