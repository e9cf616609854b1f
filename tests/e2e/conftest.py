"""The whole stack, as `./howdah test` brought it up, used from outside: commands and HTTP."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import orjson
import pytest

from howdah.foundation.settings import CHECKOUT, Settings

Howdah = Callable[..., str]


@dataclass(frozen=True)
class Service:
    """The running API and its first admin."""

    root: str
    token: str

    def get(self, path: str) -> Any:
        """The JSON answer to a GET below /api/v1, as the first admin."""
        request = urllib.request.Request(f"{self.root}/api/v1{path}")
        request.add_header("Authorization", f"Bearer {self.token}")
        with urllib.request.urlopen(request, timeout=30) as answer:
            return orjson.loads(answer.read())


@pytest.fixture(scope="session")
def service(settings: Settings) -> Service:
    """The API; a stack without one fails the test."""
    topology = settings.topology
    root = f"http://{topology.api.host}:{topology.ports.api}"
    try:
        with urllib.request.urlopen(f"{root}/readyz", timeout=10) as answer:
            assert answer.status == 200
    except OSError as failure:
        pytest.fail(f"This test needs the whole stack: {root} does not answer ({failure}).")
    return Service(root, settings.secret("admin_token"))


@pytest.fixture(scope="session")
def howdah() -> Howdah:
    """Run a command of ours against the test stack; its output. Fails when the command does."""

    def run(*arguments: str) -> str:
        command = [sys.executable, "-m", "howdah.entrypoints.cli", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, f"howdah {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    return run


@pytest.fixture(scope="session")
def tour(settings: Settings) -> str:
    """The README's tour as one shell script, led to the test stack's addresses and secrets."""
    readme = (CHECKOUT / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"<!-- tour -->\n```sh\n(.*?)```", readme, flags=re.DOTALL)
    assert len(blocks) >= 3, "the README has lost its tour"
    script = "\n".join(blocks)
    script = script.replace(":8400", f":{settings.topology.ports.api}")
    return script.replace("var/secrets", str(settings.home / "secrets"))


@pytest.fixture(scope="session")
def run_tour(settings: Settings) -> Callable[[str], str]:
    """Run a script as the reader would, in the checkout, stopping at the first failure."""

    def run(script: str) -> str:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=CHECKOUT,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
        return done.stdout

    return run
