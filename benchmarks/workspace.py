"""Where the benchmarks work: a stack of their own, beside the developer's and never it.

Everything lies under `<HOWDAH_HOME>/bench`: the stack, the corpus, the peers' Python environment
and the results. The data set stays loaded between runs.
"""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow

from benchmarks.data.scale import Scale
from benchmarks.environment import ensure_environment
from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import CHECKOUT, Settings, load_settings
from howdah.operations.roles.connect import connect_directly

CLI = "howdah.entrypoints.cli"
DEFAULT_PORT_BASE = 28_400
PEER_PORT_OFFSET = 50


def say(line: str) -> None:
    """Progress, on standard error: standard output holds the result."""
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Workspace:
    """The folder, the stack's settings, and how much is to be measured."""

    folder: Path
    settings: Settings
    environ: Mapping[str, str]
    scale: Scale = field(default_factory=Scale)
    rounds: int = 7
    seconds: int | None = None
    """For programs that run for a fixed time: another one than theirs."""
    say: Callable[[str], None] = say

    @property
    def python(self) -> Path:
        """The interpreter that has the peers' packages."""
        return ensure_environment(self.folder / "python")

    @property
    def peer_port(self) -> int:
        return self.settings.topology.ports.base + PEER_PORT_OFFSET

    def connect(
        self, role: str = "postgres", parameters: Mapping[str, str] | None = None
    ) -> psycopg.Connection[TupleRow]:
        """An autocommit connection straight to the stack's PostgreSQL."""
        return connect_directly(self.settings, role, parameters=parameters or {})

    def howdah(self, *arguments: str) -> str:
        """Runs the product's command against this stack; raises CommandFailed."""
        # The script itself where there is one; in the copy that private checkouts run from there
        # is none, and everything it would install is there.
        script = CHECKOUT / "howdah"
        start = [str(script)] if script.exists() else [sys.executable, "-P", "-m", CLI]
        done = subprocess.run(
            [*start, *arguments],
            env={**self.environ, "PYTHONPATH": str(CHECKOUT / "src")},
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise CommandFailed(
                f"`howdah {' '.join(arguments)}` failed: {(done.stderr or done.stdout).strip()}",
                hint=f"HOWDAH_HOME is {self.settings.home}.",
            )
        return done.stdout


def open_workspace(
    environ: Mapping[str, str] | None = None,
    port_base: int = DEFAULT_PORT_BASE,
    scale: Scale | None = None,
    rounds: int = 7,
) -> Workspace:
    """The workspace of this HOWDAH_HOME; nothing is started or made."""
    surroundings = os.environ if environ is None else environ
    folder = load_settings(surroundings).home / "bench"
    own = {
        **surroundings,
        "HOWDAH_HOME": str(folder / "stack"),
        "HOWDAH_PORTS__BASE": str(port_base),
        # The limit stays on and is counted; a load generator is one credential.
        "HOWDAH_API__REQUESTS_PER_MINUTE": "10000000",
    }
    return Workspace(folder, load_settings(own), own, scale or Scale(), rounds)


def elsewhere(workspace: Workspace, name: str, port_distance: int) -> Workspace:
    """The same workspace with another stack, for what must not touch the loaded one."""
    own = {
        **workspace.environ,
        "HOWDAH_HOME": str(workspace.folder / name),
        "HOWDAH_PORTS__BASE": str(workspace.settings.topology.ports.base + port_distance),
    }
    return replace(workspace, settings=load_settings(own), environ=own)
