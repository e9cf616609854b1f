"""The subcommands of `howdah bench`: prepare what a program needs, run it, print and keep it."""

import importlib
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import click

from benchmarks.data.load import load
from benchmarks.data.scale import Scale
from benchmarks.measure.report import Report
from benchmarks.page import PAGE, write_page
from benchmarks.workspace import DEFAULT_PORT_BASE, Workspace, open_workspace
from howdah.foundation.errors import HowdahError
from howdah.foundation.settings import CHECKOUT

PROGRAMS = {
    "search": "search",
    "search-api": "search_api",
    "ranking": "ranking",
    "rls": "rls",
    "metadata": "metadata",
    "database-layer": "database_layer",
    "api": "api",
    "round-trips": "round_trips",
    "clients": "clients",
    "pooler": "pooler",
    "import": "document_import",
    "up": "up",
    "fresh-machine": "fresh_machine",
    "cluster-start": "cluster_start",
    "replication-lag": "replication_lag",
    "pooling": "pooling",
    "failover": "failover",
    "switchover": "switchover",
    "stability": "stability",
    "migrations": "migrations",
    "online-migrations": "online_migrations",
    "backup": "backup",
    "recovery": "recovery",
    "recovery-point": "recovery_point",
}


def _options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every program takes."""
    for option in reversed(
        (
            click.option("--documents", default=1_000_000, show_default=True),
            click.option("--users", default=1_000_000, show_default=True),
            click.option("--organizations", default=1_000, show_default=True),
            click.option("--rounds", default=7, show_default=True, help="Pairwise rounds."),
            click.option(
                "--seconds",
                type=click.IntRange(min=1),
                help="How long `stability` lasts; a shorter run is not judged.",
            ),
            click.option(
                "--port-base",
                default=DEFAULT_PORT_BASE,
                show_default=True,
                help="First port of the benchmarks' own stack.",
            ),
            click.option(
                "--running", is_flag=True, help="The benchmarks' stack runs: do not start it."
            ),
            click.option("--json", "as_json", is_flag=True, help="Print JSON."),
        )
    ):
        command = option(command)
    return command


def _workspace(chosen: dict[str, Any]) -> Workspace:
    try:
        scale = Scale(chosen["documents"], chosen["users"], chosen["organizations"])
    except ValueError as problem:
        raise click.UsageError(f"{problem}.") from problem
    opened = open_workspace(port_base=chosen["port_base"], scale=scale, rounds=chosen["rounds"])
    return replace(opened, seconds=chosen["seconds"])


def _start(workspace: Workspace, services: tuple[str, ...]) -> None:
    workspace.say(f"starting {', '.join(services) or 'everything'}")
    workspace.howdah("up", *(("--services", ",".join(services)) if services else ()))


def _command(name: str, module: str) -> click.Command:
    program = importlib.import_module(f"benchmarks.programs.{module}")

    @click.command(name, help=program.SUMMARY[0].upper() + program.SUMMARY[1:] + ".")
    @_options
    def command(**chosen: Any) -> int:
        workspace = _workspace(chosen)
        if program.NEEDS is not None:
            if not chosen["running"]:
                _start(workspace, program.NEEDS)
            load(workspace)
        report = program.run(workspace)
        keep(workspace, report)
        click.echo(report.as_json() if chosen["as_json"] else report.markdown())
        return 1 if report.missed else 0

    return command


@click.command("load", help="Load the data set into the benchmarks' own stack.")
@_options
def load_command(**chosen: Any) -> None:
    """Nothing is measured; later programs find the data there."""
    workspace = _workspace(chosen)
    if not chosen["running"]:
        _start(workspace, ("postgresql",))
    seconds = load(workspace)
    if not seconds:
        click.echo("The data set is loaded already.")
    else:
        click.echo(f"Loaded in {sum(seconds.values()):.0f} s.")


@click.command("all", help="Run every program, then write the page of results.")
@_options
@click.pass_context
def all_command(context: click.Context, **chosen: Any) -> int:
    """Exits 1 when any promise was missed; a program that fails does not stop the others."""
    failed = []
    for name, command in commands().items():
        if name not in PROGRAMS:
            continue
        try:
            missed = context.invoke(command, **chosen)
        except HowdahError as failure:
            click.echo(f"{name}: {failure}", err=True)
            missed = 1
        if missed:
            failed.append(name)
    write_page(_workspace(chosen), list(PROGRAMS))
    if failed:
        click.echo(f"Missed or failed: {', '.join(failed)}.", err=True)
    return 1 if failed else 0


@click.command("report", help="Write docs/reference/benchmarks.md from the results that were kept.")
@click.option("--port-base", default=DEFAULT_PORT_BASE, hidden=True)
def report_command(port_base: int) -> None:
    """Programs that never ran are named."""
    missing = write_page(open_workspace(port_base=port_base), list(PROGRAMS))
    click.echo(f"Wrote {PAGE.relative_to(CHECKOUT)}.")
    if missing:
        click.echo(f"Without results: {', '.join(missing)}.")


def keep(workspace: Workspace, report: Report) -> None:
    """Keeps the result below the workspace; `bench report` reads those of full size only."""
    full = workspace.scale.full and workspace.seconds is None
    folder = workspace.folder / ("results" if full else "results-of-quick-looks")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{report.name}.json").write_text(report.as_json())
    (folder / f"{report.name}.md").write_text(report.markdown())


def commands() -> dict[str, click.Command]:
    """Name → command, in the order of the help."""
    found = {"all": all_command, "load": load_command, "report": report_command}
    return found | {name: _command(name, module) for name, module in PROGRAMS.items()}


def main() -> None:
    """For `python -m benchmarks`, without the product's command line."""
    try:
        result = click.Group("bench", commands=commands()).main(standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except click.ClickException as problem:
        problem.show()
        sys.exit(problem.exit_code)
    except HowdahError as failure:
        click.echo(f"bench: {failure}", err=True)
        sys.exit(1)
