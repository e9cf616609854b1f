"""The processes behind a port: whose CPU a request costs."""

from collections.abc import Iterable

import psutil

from benchmarks.workspace import Workspace
from howdah.foundation.errors import Unavailable


def listeners(port: int) -> list[int]:
    """Process ids that listen on the TCP port; a listener's parent of the same program too.

    Raises Unavailable when nobody does.
    """
    found = {
        connection.pid
        for connection in psutil.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
        and connection.laddr.port == port
        and connection.pid is not None
    }
    if not found:
        raise Unavailable(f"Nothing listens on port {port}.")
    return sorted(_topmost(found))


def _topmost(pids: Iterable[int]) -> set[int]:
    """The oldest ancestors that run the same command: the parents of server workers."""
    tops = set()
    for pid in pids:
        process = psutil.Process(pid)
        for parent in process.parents():
            if parent.name() != process.name() or parent.cmdline()[:1] != process.cmdline()[:1]:
                break
            process = parent
        tops.add(process.pid)
    return tops


def database_processes(workspace: Workspace) -> dict[str, list[int]]:
    """Service → its top processes: PostgreSQL and PgBouncer of the stack."""
    ports = workspace.settings.topology.ports
    return {"PostgreSQL": listeners(ports.postgresql), "PgBouncer": listeners(ports.pgbouncer)}
