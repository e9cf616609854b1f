"""Whether a TCP port is free, and who holds it."""

import errno
import socket
from dataclasses import dataclass

import psutil

from howdah.foundation.errors import CommandFailed


@dataclass(frozen=True)
class PortHolder:
    """The process that listens on a port, as far as this user may know it."""

    port: int
    pid: int | None = None
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} (PID {self.pid})" if self.pid else "another program"


def port_holder(host: str, port: int) -> PortHolder | None:
    """Who keeps us from listening there, or None when the port is free.

    Raises CommandFailed when the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # Connections that are only fading out (TIME_WAIT) do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as refusal:
            if refusal.errno == errno.EADDRNOTAVAIL:
                raise CommandFailed(
                    f"{host} is no address of this machine, and port {port} is to be opened there",
                    hint="`howdah config show` says which host that is; change it in howdah.toml",
                ) from None
            if refusal.errno != errno.EADDRINUSE:
                raise
            return _holder(port)
    return None


def _holder(port: int) -> PortHolder:
    for connection in psutil.net_connections("tcp"):
        listens = connection.status == psutil.CONN_LISTEN
        if listens and connection.pid and getattr(connection.laddr, "port", None) == port:
            try:
                return PortHolder(port, connection.pid, psutil.Process(connection.pid).name())
            except psutil.Error:  # ended meanwhile, or not ours to look at
                break
    return PortHolder(port)
