"""schemathesis against the running API: every check, on the document that it publishes itself."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from howdah.entrypoints.cli.api_client import ApiClient

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def fuzzing_token(service: Any) -> str:
    """A session of another admin with an organization of their own: no other test is harmed."""
    name = f"schemathesis-{time.time_ns()}"
    account = {"email": f"{name}@example.com", "password": f"{name}-password"}
    first = ApiClient(service.root, service.token)
    first.send("POST", "/users", {**account, "full_name": "Fuzzer", "role": "admin"})
    token = str(first.send("POST", "/sessions", account)["token"])
    ApiClient(service.root, token).send("POST", "/orgs", {"name": "Fuzzed", "slug": name})
    return token


def test_every_answer_is_as_documented_and_no_input_breaks_the_api(
    service: Any, fuzzing_token: str, tmp_path: Path
) -> None:
    """All checks and phases; DELETE is left to tests/api, it would empty the ground under it."""
    command = [
        str(Path(sys.executable).with_name("st")),
        "--config-file",
        str(HERE / "schemathesis.toml"),
        "run",
        f"{service.root}/openapi.json",
        "--header",
        f"Authorization: Bearer {fuzzing_token}",
        "--checks",
        "all",
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--max-examples",
        "15",
        "--exclude-method",
        "DELETE",
        "--generation-deterministic",
    ]
    done = subprocess.run(
        command, cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert " generated, " in done.stdout, "schemathesis tested nothing"
