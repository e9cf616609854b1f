"""How `howdah cluster status` looks on a terminal."""

from dataclasses import asdict
from typing import Any

import click

from howdah.entrypoints.cli.terminal import print_table
from howdah.operations.cluster.diagnosis import megabytes
from howdah.operations.cluster.views import ClusterStatus, MemberView, PoolView, RouteView


def as_data(status: ClusterStatus) -> dict[str, Any]:
    """The status for programs, with who serves each purpose now."""
    routes = [
        asdict(route) | {"serving": route.serving, "on_fallback": route.on_fallback}
        for route in status.routes
    ]
    return asdict(status) | {"routes": routes}


def print_status(status: ClusterStatus) -> None:
    """Members, routes, pools, etcd; then what is wrong."""
    header = ("MEMBER", "ZONE", "ROLE", "STATE", "TIMELINE", "LAG", "SECONDS", "")
    print_table(header, [_member(item) for item in status.cluster.members])
    click.echo()
    print_table(("PURPOSE", "SERVED BY", ""), [_route(item) for item in status.routes])
    click.echo()
    pool_header = ("DATABASE", "CLIENTS", "WAITING", "CONNECTIONS", "OF", "")
    print_table(pool_header, [_pool(item) for item in status.pools])
    click.echo()
    healthy = [item.name for item in status.etcd if not item.trouble]
    click.echo(f"etcd: {len(healthy)} of {len(status.etcd)} healthy")
    click.echo(f"automation: {'paused' if status.cluster.paused else 'on'}")
    if status.operation:
        click.echo(f"under way: {status.operation}")
    click.echo()
    _print_wrong(status.wrong)


def _print_wrong(wrong: tuple[str, ...]) -> None:
    if not wrong:
        click.echo(click.style("Nothing is wrong.", fg="green"))
    for sentence in wrong:
        click.echo(f"{click.style('wrong:', fg='red', bold=True)} {sentence}")


def _member(member: MemberView) -> tuple[object, ...]:
    marks = [
        "restart pending" if member.pending_restart else "",
        "replay paused" if member.replay_paused else "",
    ]
    return (
        member.name,
        member.zone,
        member.role,
        member.replication if member.running and member.replication else member.state,
        member.timeline or "-",
        "-" if member.lag_bytes is None else megabytes(member.lag_bytes),
        "-" if member.lag_seconds is None else f"{member.lag_seconds:.1f}",
        ", ".join(mark for mark in marks if mark),
    )


def _route(route: RouteView) -> tuple[object, ...]:
    note = "stands in" if route.on_fallback else ""
    return route.purpose, ", ".join(route.serving) or "nobody", note


def _pool(pool: PoolView) -> tuple[object, ...]:
    clients = pool.clients_active + pool.clients_waiting
    note = "paused" if pool.paused else ""
    if pool.clients_waiting and not note:
        note = f"waiting for {pool.longest_wait_seconds:.1f} s"
    return (
        pool.database,
        clients,
        pool.clients_waiting,
        pool.server_connections,
        pool.server_limit,
        note,
    )
