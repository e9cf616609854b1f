"""Take a member out of the way of reads, and put it back, without failing one of them."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster import routes
from howdah.operations.cluster.asking import TookTooLong, wait_until
from howdah.operations.cluster.pooler import console
from howdah.operations.cluster.reporting import Report

LEFTOVER_SECONDS = 3.0
"""Added to the longest statement: then nobody should be reading there any more."""

SERVICE_SECONDS = 5.0


@contextmanager
def out_of_rotation(settings: Settings, member: Member, report: Report) -> Iterator[None]:
    """No reads at this member: others serve them. Needs `watched_over`.

    Where the settings let nobody else serve a purpose, its clients are held back instead.
    """
    purposes = routes.take_out(settings, member.name)
    stranded: tuple[str, ...] = ()
    try:
        stranded = _hold_back_stranded(settings, purposes)
        _reconnect(settings, [item for item in purposes if item not in stranded])
        _wait_for_readers(settings, member, purposes, report)
        yield
    finally:
        routes.put_back(settings, member.name)
        _wait_for_service(settings, member, purposes, report)
        _let_go_on(settings, stranded)
        _reconnect(settings, [item for item in purposes if item not in stranded])


def _hold_back_stranded(settings: Settings, purposes: Sequence[str]) -> tuple[str, ...]:
    views = {route.purpose: route for route in routes.route_views(settings)}
    stranded = tuple(item for item in purposes if not views[item].serving)
    patience = settings.topology.postgresql.statement_timeout_seconds
    with console(settings) as admin:
        for purpose in stranded:
            admin.pause(settings.topology.purposes[purpose], patience)
    return stranded


def _let_go_on(settings: Settings, purposes: Sequence[str]) -> None:
    if purposes:
        with console(settings) as admin:
            for purpose in purposes:
                admin.resume(settings.topology.purposes[purpose])


def _reconnect(settings: Settings, purposes: Sequence[str]) -> None:
    """Have PgBouncer ask HAProxy anew, each connection after its transaction."""
    if purposes:
        with console(settings) as admin:
            for purpose in purposes:
                admin.reconnect(settings.topology.purposes[purpose])


def _wait_for_service(
    settings: Settings, member: Member, purposes: tuple[str, ...], report: Report
) -> None:
    """HAProxy looks at it again first, if it was down before."""

    def serves() -> bool:
        found = [route for route in routes.route_views(settings) if route.purpose in purposes]
        servers = [server for route in found for server in route.servers]
        return all(server.state == "up" for server in servers if server.name == member.name)

    if member.candidate:  # it serves reads only as the primary
        return
    try:
        wait_until(serves, f"HAProxy to find that {member.name} serves", SERVICE_SECONDS, look=0.2)
    except TookTooLong as failure:
        report(failure.message)


def _wait_for_readers(
    settings: Settings, member: Member, purposes: tuple[str, ...], report: Report
) -> None:
    patience = settings.topology.postgresql.statement_timeout_seconds + LEFTOVER_SECONDS
    try:
        wait_until(
            lambda: not routes.sessions_of(settings, member.name, purposes),
            f"the last reader at {member.name} to finish",
            patience,
            look=0.2,
        )
    except TookTooLong:
        left = routes.sessions_of(settings, member.name, purposes)
        report(f"{left} connections are still open at {member.name} and will be cut")
