"""supervisord: start it, and speak to it over its Unix socket."""

import http.client
import os
import resource
import socket
import time
import xmlrpc.client
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from howdah.foundation.errors import CommandFailed
from howdah.foundation.layout import Layout
from howdah.foundation.processes.run import run

START_PATIENCE_SECONDS = 10
WANTED_OPEN_FILES = 20000


@dataclass(frozen=True)
class ProcessState:
    """What supervisord knows of a program.

    `started_at` is in Unix seconds; `failure` says why it could not be started, if so.
    """

    name: str
    state: str
    pid: int
    started_at: int
    failure: str

    @property
    def running(self) -> bool:
        """Whether there is a process now."""
        return self.pid != 0


def open_files_limit() -> int:
    """Open files that a program may have: what we want, or what the machine allows."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return WANTED_OPEN_FILES if hard == resource.RLIM_INFINITY else min(WANTED_OPEN_FILES, hard)


def start_supervisord(layout: Layout, supervisord: Path, environment: Mapping[str, str]) -> None:
    """Start it in the background; returns when it answers. Raises CommandFailed."""
    run(
        [str(supervisord), "-c", str(layout.supervisor_configuration)],
        cwd=layout.home,
        env=environment,
        timeout_seconds=START_PATIENCE_SECONDS,
    )
    deadline = time.monotonic() + START_PATIENCE_SECONDS
    while not Supervisor(layout.supervisor_socket).answers():
        if time.monotonic() > deadline:
            raise CommandFailed(
                f"supervisord did not answer within {START_PATIENCE_SECONDS} s",
                hint=f"its log is {layout.log_of('supervisord')}",
            )
        time.sleep(0.02)


class Supervisor:
    """The running supervisord of one stack."""

    def __init__(self, socket_path: Path):
        transport = _UnixTransport(socket_path)
        self._rpc: Any = xmlrpc.client.ServerProxy("http://supervisor", transport)

    def answers(self) -> bool:
        """Whether it runs and obeys."""
        try:
            return bool(self._rpc.supervisor.getState()["statename"] == "RUNNING")
        except (OSError, http.client.HTTPException):
            return False

    def states(self) -> dict[str, ProcessState]:
        """Program → state; empty when supervisord does not run."""
        try:
            return {item["name"]: _state(item) for item in self._rpc.supervisor.getAllProcessInfo()}
        except (OSError, http.client.HTTPException):
            return {}

    def start(self, program: str) -> bool:
        """Start a program without waiting for it; False when it was started before."""
        return self._call("startProcess", program, False, tolerated="ALREADY_STARTED")

    def stop(self, program: str) -> bool:
        """Ask a program to end, without waiting; False when it was not running."""
        return self._call("stopProcess", program, False, tolerated="NOT_RUNNING")

    def signal(self, program: str, name: str) -> bool:
        """Send a signal such as HUP; False when it is not running."""
        return self._call("signalProcess", program, name, tolerated="NOT_RUNNING")

    def reload(self) -> None:
        """Take over a changed configuration: programs that are new, gone or different."""
        added, changed, removed = self._rpc.supervisor.reloadConfig()[0]
        for group in [*changed, *removed]:
            self._rpc.supervisor.stopProcessGroup(group)
            self._rpc.supervisor.removeProcessGroup(group)
        for group in [*changed, *added]:
            self._rpc.supervisor.addProcessGroup(group)

    def shutdown(self) -> None:
        """Ask it to stop every program, the last started first, and itself."""
        self._rpc.supervisor.shutdown()

    def _call(self, method: str, *arguments: object, tolerated: str) -> bool:
        try:
            getattr(self._rpc.supervisor, method)(*arguments)
        except xmlrpc.client.Fault as fault:
            if fault.faultString.startswith(tolerated):
                return False
            raise CommandFailed(f"supervisord refused: {fault.faultString}") from fault
        return True


def _state(item: Mapping[str, Any]) -> ProcessState:
    return ProcessState(
        name=item["name"],
        state=item["statename"].lower(),
        pid=item["pid"],
        started_at=item["start"],
        failure=item["spawnerr"],
    )


class _UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path: Path):
        super().__init__()
        self._path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        connection = _UnixConnection(self._path)
        self._connection = host, connection
        return connection

    def request(self, host: Any, handler: str, request_body: Any, verbose: bool = False) -> Any:
        try:
            return super().request(host, handler, request_body, verbose)
        finally:
            self.close()  # one connection for each call: nobody else would close it


class _UnixConnection(http.client.HTTPConnection):
    def __init__(self, path: Path):
        super().__init__("supervisor", timeout=120)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(os.fspath(self._path))
