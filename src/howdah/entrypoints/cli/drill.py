"""`howdah drill`: list and run drills."""

from typing import Any

import click

from howdah.entrypoints.cli.failures import FAILED
from howdah.entrypoints.cli.terminal import print_json, print_table
from howdah.foundation.errors import InvalidInput
from howdah.foundation.evidence import Kept, evidence_of
from howdah.foundation.settings import Settings, load_settings
from howdah.operations.drills import (
    DRILLS,
    NAMES,
    Drill,
    Evidence,
    Wishes,
    drill_of,
    fits,
    run_drill,
)

NO_RESULT = "-"


@click.group("drill")
def command() -> None:
    """Break the running stack on purpose, and see that it keeps its promises.

    Clients write meanwhile and keep account; what they were told is compared with what is there.
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_drills(as_json: bool) -> None:
    """Every drill: what it does, what it disturbs, and how it ended last."""
    settings = load_settings()
    rows = [_described(settings, drill) for drill in DRILLS]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(f"{click.style(row['name'], bold=True)}  (last: {row['last']})")
        click.echo(f"  does      {row['does']}\n  disturbs  {row['disturbs']}")
        if row["needs"]:
            click.echo(f"  needs     {', '.join(row['needs'])}")


def _described(settings: Settings, drill: Drill) -> dict[str, Any]:
    kept = next(evidence_of(settings.layout.evidence / "drills", drill.name), None)
    return {
        "name": drill.name,
        "does": drill.summary,
        "disturbs": drill.disturbs,
        "needs": list(drill.needs),
        "last": _last(kept),
        "evidence": str(kept.path) if kept else None,
    }


def _last(kept: Kept | None) -> str:
    if kept is None:
        return "never run"
    outcome = kept.document.get("verdict", {}).get("outcome", "unknown")
    return f"{outcome}, {str(kept.document.get('begun_at', ''))[:19].replace('T', ' ')} UTC"


@command.command("run")
@click.argument("names", nargs=-1, metavar="NAME…")
@click.option(
    "--all", "everything", is_flag=True, help="Every drill for this profile, one after the other."
)
@click.option("--fence", is_flag=True, help="Keep a killed primary down until another one leads.")
@click.option("--idle", is_flag=True, help="instance-loss: while hardly anything is written.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Print the evidence as JSON.")
def run_drills(  # noqa: PLR0913, PLR0917  (each is an option)
    names: tuple[str, ...], everything: bool, fence: bool, idle: bool, yes: bool, as_json: bool
) -> int:
    """Run drills on the running stack and keep their evidence.

    Asks before it disturbs anybody. Exits 1 when a promise was broken or a drill could not run.
    """
    settings = load_settings()
    drills = _chosen(settings, names, everything)
    if not yes:
        _ask(settings, drills)
    found = []
    for drill in drills:
        click.echo(f"── {drill.name}: {drill.summary}", err=True)
        found.append(run_drill(settings, drill.name, _tell, Wishes(fence=fence, idle=idle)))
        if not as_json:
            _print(found[-1])
    if as_json:
        print_json([item.document | {"evidence": str(item.path)} for item in found])
    elif len(found) > 1:
        _print_summary(found)
    return 0 if all(item.passed for item in found) else FAILED


def _chosen(settings: Settings, names: tuple[str, ...], everything: bool) -> list[Drill]:
    if everything and names:
        raise InvalidInput("name drills or say --all, not both")
    if not everything and not names:
        raise InvalidInput(
            "no drill was named", hint=f"the drills are {', '.join(NAMES)}; or --all"
        )
    if not everything:
        return [drill_of(name) for name in names]
    left_out = [drill.name for drill in DRILLS if not fits(settings, drill)]
    if left_out:
        click.echo(f"Left out, they need a cluster: {', '.join(left_out)}.", err=True)
    return [drill for drill in DRILLS if fits(settings, drill)]


def _ask(settings: Settings, drills: list[Drill]) -> None:
    """Name what will be disturbed, and wait for a yes. Raises InvalidInput."""
    click.echo(f"This disturbs the stack of {settings.home}:", err=True)
    for drill in drills:
        click.echo(f"  {drill.name}: {drill.disturbs}", err=True)
    if not click.confirm("Go on?", err=True):
        raise InvalidInput("nothing was done", hint="--yes does not ask")


def _tell(line: str) -> None:
    click.echo(f"  {line}", err=True)


def _print(evidence: Evidence) -> None:
    color = "green" if evidence.passed else "red"
    click.echo(f"{evidence.name}: {click.style(evidence.outcome, fg=color, bold=True)}")
    for reason in evidence.reasons:
        click.echo(f"  {reason}")
    click.echo(f"  evidence: {evidence.path}")


def _print_summary(found: list[Evidence]) -> None:
    click.echo()
    header = ("DRILL", "OUTCOME", "WRITE OUTAGE", "LOST", "WHOLE AGAIN")
    print_table(header, [_row(item) for item in found])


def _row(evidence: Evidence) -> tuple[object, ...]:
    figures = evidence.figures
    return (
        evidence.name,
        evidence.outcome,
        _seconds(figures.get("write_outage_seconds")),
        figures.get("lost_writes", NO_RESULT),
        _seconds(figures.get("whole_again_seconds")),
    )


def _seconds(value: object) -> str:
    return f"{value:.2f} s" if isinstance(value, float) else NO_RESULT
