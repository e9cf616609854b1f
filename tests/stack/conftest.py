"""A stack of its own, driven through the command line as a user drives it."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from howdah.foundation.layout import Layout
from howdah.foundation.processes.survivors import survivors
from howdah.foundation.settings import child_environment

PORT_BASE = 19400
DATA_SERVICES = "postgresql,pgbouncer,redis"


@dataclass(frozen=True)
class Ran:
    """A command line that has ended."""

    exit_code: int
    out: str
    err: str


@dataclass(frozen=True)
class Stack:
    """One home and its commands."""

    home: Path
    environment: dict[str, str]

    def howdah(self, *words: str, typed: str = "") -> Ran:
        """Run `howdah` with these words."""
        command = [sys.executable, "-m", "howdah.entrypoints.cli", *words]
        done = subprocess.run(
            command,
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def up(self) -> Ran:
        """Start the data services; they must start."""
        ran = self.howdah("up", "--services", DATA_SERVICES)
        assert ran.exit_code == 0, ran.err
        return ran

    def status(self) -> dict[str, dict[str, Any]]:
        """Service → its line of `status --json`."""
        ran = self.howdah("status", "--json")
        return {line["service"]: line for line in json.loads(ran.out)["services"]}

    def pids(self) -> dict[str, int]:
        """Service → PID."""
        return {name: line["pid"] for name, line in self.status().items()}

    def processes(self) -> list[str]:
        """Command lines of whatever runs for this home."""
        return [" ".join(process.cmdline()) for process in survivors(self.home)]

    @property
    def supervisor_pid(self) -> int:
        """PID of supervisord."""
        return int((self.home / "run" / "supervisord.pid").read_text())


@pytest.fixture
def stack() -> Iterator[Stack]:
    """A home where nothing has run yet; whatever a test leaves running is ended."""
    folder = Path(tempfile.mkdtemp(prefix="howdah-"))
    folder.chmod(0o755)  # the servers' accounts walk through it
    home = folder / "home"
    made = Stack(
        home, child_environment(home, Path("/dev/null"), HOWDAH_PORTS__BASE=str(PORT_BASE))
    )
    yield made
    left = made.howdah("down")
    shutil.rmtree(Layout(home).metrics_in_memory, ignore_errors=True)
    shutil.rmtree(folder)
    assert left.exit_code == 0, left.err
    assert made.processes() == []
