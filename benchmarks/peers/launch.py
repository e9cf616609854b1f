"""Starts a peer, waits until it answers, stops it."""

import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.workspace import Workspace
from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import CHECKOUT

WORKERS = 2
THREADS = 8
_START_SECONDS = 30
_STOP_SECONDS = 10


@dataclass(frozen=True)
class Peer:
    name: str
    title: str
    module: str
    asynchronous: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)

    def command(self, python: Path, port: int) -> list[str]:
        application = f"benchmarks.peers.{self.module}:app"
        address = ["--host", "127.0.0.1", "--port", str(port), "--workers", str(WORKERS)]
        if self.asynchronous:
            tuned = ["--loop", "uvloop", "--http", "httptools", "--no-access-log"]
            quiet = ["--log-level", "warning"]
            return [str(python), "-m", "uvicorn", *address, *tuned, *quiet, application]
        tuned = ["--interface", "wsgi", "--blocking-threads", str(THREADS), "--no-ws"]
        quiet = ["--http", "1", "--log-level", "warning"]
        return [str(python), "-m", "granian", *address, *tuned, *quiet, application]


FASTAPI = Peer("fastapi_asyncpg", "FastAPI + asyncpg", "fastapi_asyncpg", asynchronous=True)
FASTAPI_RESETTING = Peer(
    "fastapi_asyncpg_reset",
    "FastAPI + asyncpg, its default reset query on",
    "fastapi_asyncpg",
    asynchronous=True,
    environ={"PEER_RESET": "1"},
)
DJANGO = Peer("django_drf", "Django + DRF", "django_drf")
FLASK_ORM = Peer("flask_orm", "Flask, naive ORM + jsonify", "flask_orm")
PEERS = (FASTAPI, FASTAPI_RESETTING, DJANGO, FLASK_ORM)


@contextmanager
def running(workspace: Workspace, peer: Peer, port: int) -> Iterator[int]:
    """The process id of the peer's parent process while it serves on 127.0.0.1:port.

    Raises Unavailable with the last lines it wrote when it does not start to answer.
    """
    log = workspace.folder / f"{peer.name}.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            peer.command(workspace.python, port),
            cwd=CHECKOUT,
            env={**os.environ, **_environ(workspace), **peer.environ},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _wait_until_ready(process, port, log)
        yield process.pid
    finally:
        _stop(process)


def _environ(workspace: Workspace) -> dict[str, str]:
    topology = workspace.settings.topology
    return {
        "PEER_HOST": topology.pgbouncer.host,
        "PEER_PORT": str(topology.ports.pgbouncer),
        "PEER_USER": "app_write",
        "PEER_PASSWORD": workspace.settings.secret("app_write"),
        "PEER_DATABASE": topology.purposes["primary"],
        "PEER_CONNECTIONS": str(THREADS),
        "PYTHONPATH": str(CHECKOUT),
    }


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    last_lines = "\n".join(log.read_text().splitlines()[-15:])
    raise Unavailable(f"The peer {log.stem} does not answer on port {port}:\n{last_lines}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    """Its whole process group: it was started as a session of its own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
            process.wait(_STOP_SECONDS)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue
