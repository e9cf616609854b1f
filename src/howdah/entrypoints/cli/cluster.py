"""`howdah cluster`."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from howdah.entrypoints.cli.cluster_certificates import list_command, rotate_command
from howdah.entrypoints.cli.cluster_status import as_data, print_status
from howdah.entrypoints.cli.terminal import print_json
from howdah.foundation.settings import load_settings
from howdah.operations.cluster import automation
from howdah.operations.cluster.choosing import Change
from howdah.operations.cluster.clients import resume_clients
from howdah.operations.cluster.explain import explain
from howdah.operations.cluster.failover import failover, plan_failover
from howdah.operations.cluster.patroni import clustered
from howdah.operations.cluster.reinit import plan_reinit, reinit
from howdah.operations.cluster.restart import plan_restart, restart_now, restart_rolling
from howdah.operations.cluster.status import cluster_status
from howdah.operations.cluster.switchover import plan_switchover, switchover

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")
DIRECT = "Connections that do not go through PgBouncer are ended: migrations, psql, drivers."


@click.group("cluster")
def command() -> None:
    """The cluster: who leads, who follows, and changing that. Needs the profile `full`."""


command.add_command(list_command)
command.add_command(rotate_command)


@command.command("status")
@json_option
def status(as_json: bool) -> int:
    """Members, routes, pools, etcd, and what is wrong in words; exits 1 when anything is."""
    found = cluster_status(load_settings())
    if as_json:
        print_json(as_data(found))
    else:
        print_status(found)
    return 1 if found.wrong else 0


@command.command("switchover")
@click.option("--to", metavar="MEMBER", help="Who shall lead; default: the synchronous standby.")
@yes_option
@json_option
def switchover_command(to: str | None, yes: bool, as_json: bool) -> int:
    """Move the primary to the synchronous standby; clients wait a moment, none fails.

    Exits 1 also when the cluster has no synchronous standby a minute later.
    """
    settings = load_settings()
    if not yes:
        plan = plan_switchover(settings, to)
        _require_consent(
            f"The primary moves from {plan.old} to {plan.new}.",
            "Clients of PgBouncer wait for about 2 seconds.",
            DIRECT,
        )
    result = switchover(settings, to, _reporter(as_json))
    if as_json:
        print_json(asdict(result))
    else:
        click.echo(f"{result.new} leads; clients waited {result.pause_seconds:.2f} s.")
    if result.protected_after_seconds is None:
        click.echo(
            f"There is no synchronous standby yet; `howdah cluster explain {result.old}` says why.",
            err=True,
        )
    return 0 if result.protected_after_seconds is not None else 1


@command.command("failover")
@click.option("--to", metavar="MEMBER", help="Who shall lead; default: the synchronous standby.")
@click.option("--accept-loss", is_flag=True, help="Promote also who lacks acknowledged writes.")
@yes_option
@json_option
def failover_command(to: str | None, accept_loss: bool, yes: bool, as_json: bool) -> None:
    """Promote a member when nobody leads, or who leads does not serve."""
    settings = load_settings()
    if not yes:
        _require_consent(*_failover_words(plan_failover(settings, to, accept_loss=accept_loss)))
    result = failover(settings, to, _reporter(as_json), accept_loss=accept_loss)
    if as_json:
        print_json(asdict(result))
    else:
        click.echo(f"{result.new} leads, after {result.seconds:.1f} s.")


def _failover_words(plan: Change) -> tuple[str, ...]:
    return (
        f"{plan.new} is promoted; {plan.old or 'nobody'} leads now.",
        f"Lost may be what was acknowledged: {plan.loses}."
        if plan.loses
        else f"Nothing acknowledged is lost: {plan.new} is the synchronous standby.",
        "Requests under way at the old primary fail.",
    )


@command.command("restart")
@click.argument("members", nargs=-1, metavar="[MEMBER]…")
@click.option("--rolling", is_flag=True, help="One after the other, so that no request fails.")
@yes_option
@json_option
def restart_command(members: tuple[str, ...], rolling: bool, yes: bool, as_json: bool) -> None:
    """Restart the PostgreSQL of members.

    With --rolling (all members when none are named) replicas come first and the primary last,
    after its lead has been moved. Without it the named ones are restarted where they are.
    """
    settings = load_settings()
    if not rolling:
        if not yes:
            _require_consent(f"Requests under way at {', '.join(members)} fail.")
        restart_now(settings, members, _reporter(as_json))
        return
    if not yes:
        order = plan_restart(settings, members)
        _require_consent(
            f"Restarted one after the other: {', '.join(order)}.",
            "If the primary is among them its lead moves, and clients wait for about 2 seconds.",
            DIRECT,
        )
    result = restart_rolling(settings, members, _reporter(as_json))
    if as_json:
        print_json(asdict(result))
    else:
        click.echo(f"Restarted {', '.join(result.restarted)} in {result.seconds:.0f} s.")


@command.command("reinit")
@click.argument("member")
@yes_option
@json_option
def reinit_command(member: str, yes: bool, as_json: bool) -> None:
    """Throw a member's data away and copy the primary's."""
    settings = load_settings()
    if not yes:
        plan_reinit(settings, member)
        _require_consent(
            f"The data of {member} are deleted and copied from the primary.",
            "Until then its reads are served by others; the primary reads its whole database.",
        )
    result = reinit(settings, member, _reporter(as_json))
    if as_json:
        print_json(asdict(result))
    else:
        click.echo(f"{result.member} follows again, after {result.seconds:.0f} s.")


@command.command("pause")
@yes_option
def pause(yes: bool) -> None:
    """Stop automation, for maintenance by hand: nobody takes over when the primary fails."""
    if not yes:
        _require_consent("From now on nobody takes over when the primary fails.")
    automation.pause(load_settings())
    click.echo("Automation is paused; `howdah cluster resume` turns it on again.")


@command.command("resume")
def resume() -> None:
    """Let automation act again."""
    automation.resume(load_settings())
    click.echo("Automation is on.")


@command.command("resume-clients")
def resume_clients_command() -> None:
    """Let clients go on that an operation held back and could not let go.

    Ends PgBouncer's PAUSE, and puts members back into HAProxy's rotation.
    """
    for sentence in resume_clients(clustered(load_settings())) or ["Nobody is held back."]:
        click.echo(sentence)


@command.command("explain")
@click.argument("member")
@json_option
def explain_command(member: str, as_json: bool) -> int:
    """Why a member does not follow the primary; exits 1 when it does not."""
    found = explain(load_settings(), member)
    if as_json:
        print_json(asdict(found))
    else:
        for sentence in found.sentences:
            click.echo(sentence)
        if found.log_lines:
            click.echo(f"\nThe last lines of its log (`howdah logs {member}`):")
        for line in found.log_lines:
            click.echo(f"  {line}")
    return 0 if found.follows else 1


def _require_consent(*sentences: str) -> None:
    """Say what would happen, and ask; a terminal is needed, or --yes."""
    for sentence in sentences:
        click.echo(sentence)
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask; repeat with --yes if this is wanted")
    click.confirm("Go on?", abort=True)


def _reporter(as_json: bool) -> Any:
    return _nothing if as_json else _line


def _line(sentence: str) -> None:
    click.echo(f"  {sentence}")


def _nothing(_: Sequence[str] | str) -> None:
    """With --json only the result is printed."""
