"""HAProxy through its admin socket: who serves each purpose, and taking members out of the way."""

import csv
import socket
from collections.abc import Iterator

from howdah.foundation.errors import CommandFailed, Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.cluster.views import RouteView, ServerView

TIMEOUT_SECONDS = 2.0
SERVERS = "show stat -1 4 -1"
"""Statistics of every proxy (-1), of servers only (4)."""
REFUSALS = ("No such", "Unknown", "Require", "Permission", "Can't", "Cannot", "cannot", "Invalid")


class HaproxyAway(Unavailable):
    """HAProxy does not answer."""


def command(settings: Settings, text: str) -> str:
    """What HAProxy prints. Raises HaproxyAway."""
    path = settings.layout.haproxy_socket
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(TIMEOUT_SECONDS)
            connection.connect(str(path))
            connection.sendall(text.encode() + b"\n")
            return b"".join(_chunks(connection)).decode(errors="replace").strip()
    except OSError as failure:
        raise HaproxyAway(
            f"HAProxy does not answer on {path}: {failure.strerror or failure}",
            hint="`howdah status` shows whether it runs; `howdah up` starts it",
        ) from failure


def _chunks(connection: socket.socket) -> Iterator[bytes]:
    while chunk := connection.recv(65536):
        yield chunk


def route_views(settings: Settings) -> tuple[RouteView, ...]:
    """Every route with its servers. Raises HaproxyAway."""
    return parse_statistics(command(settings, SERVERS), tuple(settings.topology.purposes))


def parse_statistics(text: str, purposes: tuple[str, ...]) -> tuple[RouteView, ...]:
    """HAProxy's CSV → routes in the order of `purposes`; a proxy of another name is left out."""
    rows = list(csv.DictReader(text.removeprefix("# ").splitlines()))
    return tuple(
        RouteView(purpose, tuple(_server(row) for row in rows if row["pxname"] == purpose))
        for purpose in purposes
    )


def _server(row: dict[str, str]) -> ServerView:
    return ServerView(
        name=row["svname"],
        state=row["status"].split(" ")[0].lower(),  # "UP 1/2": up, and one check has failed
        backup=row["bck"] == "1",
        sessions=int(row["scur"] or 0),
        follows_another=bool(row.get("tracked")),
        check=" ".join(filter(None, (row.get("check_status"), row.get("last_chk")))),
    )


def _tell(settings: Settings, text: str) -> None:
    """A command that answers nothing when it is obeyed. Raises CommandFailed, HaproxyAway."""
    answer = command(settings, text)
    if answer.startswith(REFUSALS):
        raise CommandFailed(f"HAProxy refuses `{text}`: {answer}")


def lead_to(settings: Settings, old: str, new: str) -> None:
    """Send new connections for the primary to `new`, without waiting for the next check.

    The checks go on: they undo it when Patroni disagrees.
    """
    _tell(settings, f"set server primary/{old} health down")
    _tell(settings, f"set server primary/{new} health up")


def take_out(settings: Settings, member: str) -> tuple[str, ...]:
    """Give the member no new connections in any route of reads; returns their purposes.

    It is not looked at meanwhile either: its return would cut those that others serve for it.
    """
    places = _places(settings, member)
    for purpose, server in places:
        if not server.follows_another:
            _tell(settings, f"disable health {purpose}/{member}")
        _tell(settings, f"set server {purpose}/{member} state drain")
    return tuple(purpose for purpose, _ in places)


def put_back(settings: Settings, member: str) -> None:
    """Let the member serve again, and look after it again."""
    for purpose, server in _places(settings, member):
        _tell(settings, f"set server {purpose}/{member} state ready")
        if not server.follows_another:
            _tell(settings, f"enable health {purpose}/{member}")


def sessions_of(settings: Settings, member: str, purposes: tuple[str, ...]) -> int:
    """Connections that the member still has in these routes."""
    return sum(
        server.sessions
        for route in route_views(settings)
        for server in route.servers
        if server.name == member and route.purpose in purposes
    )


def taken_out(routes: tuple[RouteView, ...]) -> tuple[str, ...]:
    """Members that somebody took out of a route by hand, or a command that was killed."""
    names = {
        server.name
        for route in routes
        for server in route.servers
        if server.state in ("drain", "maint")
    }
    return tuple(sorted(names))


def _places(settings: Settings, member: str) -> list[tuple[str, ServerView]]:
    """Purpose and server of each route that knows the member; the primary's is Patroni's alone."""
    return [
        (route.purpose, server)
        for route in route_views(settings)
        for server in route.servers
        if route.purpose != "primary" and server.name == member
    ]
