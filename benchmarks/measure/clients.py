"""HTTP clients: Debian's wrk, which costs a fraction of any server here and so is no bottleneck.

Closed loop: each client sends its next request when the last was answered. Loopback only, bounded
in time.
"""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from benchmarks.data.debian import extracted_tool
from howdah.foundation.errors import CommandFailed

_SCRIPT = Path(__file__).with_name("requests.lua")
_TIMEOUT_SECONDS = 15
LONGEST_SECONDS = 120


@dataclass(frozen=True)
class Request:
    path: str
    method: str = "GET"
    body: str = ""  # JSON

    @property
    def line(self) -> str:
        return f"{self.method}\t{self.path}\t{self.body}"


@dataclass(frozen=True)
class Answers:
    """What came of it. `status` counts answers of 400 and above; the others never came."""

    requests: int
    seconds: float
    bytes: int
    connect: int
    read: int
    write: int
    status: int
    timeout: int
    p50_ms: float
    p95_ms: float
    p99_ms: float
    max_ms: float

    @property
    def errors(self) -> int:
        return self.connect + self.read + self.write + self.status + self.timeout

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.requests / self.seconds


@dataclass(frozen=True)
class Clients:
    """Drives requests at 127.0.0.1."""

    folder: Path  # wrk is unpacked here when it is not installed
    token: str | None = None

    @cached_property
    def _wrk(self) -> tuple[Path, Path]:
        return extracted_tool("wrk", ("libluajit-5.1-2",), self.folder)

    def drive(
        self, port: int, requests: Sequence[Request], *, clients: int, seconds: float
    ) -> Answers:
        """`clients` connections for `seconds`, requests chosen at random from those given.

        Raises CommandFailed when wrk itself fails or nothing at all was answered.
        """
        if seconds > LONGEST_SECONDS:
            raise ValueError(f"a run is at most {LONGEST_SECONDS} seconds long")
        with tempfile.TemporaryDirectory() as folder:
            listed, result = Path(folder, "requests"), Path(folder, "result")
            listed.write_text("\n".join(request.line for request in requests) + "\n")
            self._run(port, clients, seconds, listed, result)
            answers = Answers(**json.loads(result.read_text()))
        if answers.requests == 0:
            raise CommandFailed(f"Nothing on port {port} answered within {seconds} s.")
        return answers

    def _run(self, port: int, clients: int, seconds: float, listed: Path, result: Path) -> None:
        program, libraries = self._wrk
        command = [
            *(str(program), "--threads", str(1 if clients < 100 else 2)),
            *("--connections", str(clients), "--duration", f"{round(seconds)}s"),
            *("--timeout", f"{_TIMEOUT_SECONDS}s", "--script", str(_SCRIPT)),
            f"http://127.0.0.1:{port}",
        ]
        environ = {
            **os.environ,
            "LD_LIBRARY_PATH": str(libraries),
            "BENCH_REQUESTS": str(listed),
            "BENCH_RESULT": str(result),
        }
        if self.token:
            environ["BENCH_TOKEN"] = self.token
        done = subprocess.run(
            command,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=seconds + 3 * _TIMEOUT_SECONDS,
        )
        if done.returncode != 0 or not result.exists():
            raise CommandFailed(f"wrk failed: {(done.stderr or done.stdout).strip()[-300:]}")
