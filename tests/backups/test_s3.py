"""A repository in an S3 bucket, over TLS; its stack is the module's own and may be spoiled."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from howdah.foundation.layout import Layout
from howdah.foundation.secrets import secret_file
from howdah.foundation.settings import Settings, child_environment, load_settings
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly
from tests.backups.s3_service import s3_service

PORT_DISTANCE = 1000
"""From the ports of the stack that the other tests share."""
PAGE_BYTES = 8192


@dataclass(frozen=True)
class Stack:
    """A home and its commands."""

    home: Path
    environment: dict[str, str]

    def howdah(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run `howdah` with these words."""
        command = [sys.executable, "-m", "howdah.entrypoints.cli", *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )

    def works(self, *words: str) -> str:
        """Run it, and it must succeed; returns what it printed."""
        ran = self.howdah(*words)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout


@pytest.fixture(scope="module")
def stack(archived: Settings) -> Iterator[Stack]:
    """PostgreSQL that archives into an empty bucket."""
    folder = Path(tempfile.mkdtemp(prefix="howdah-"))
    folder.chmod(0o755)
    ports = str(archived.topology.ports.base + PORT_DISTANCE)
    with s3_service(folder) as service:
        home = folder / "home"
        environment = child_environment(
            home, Path("/dev/null"), HOWDAH_PORTS__BASE=ports, **service.settings()
        )
        made = Stack(home, environment)
        refused = made.howdah("up", "--services", "postgresql")
        assert refused.returncode == 1
        assert "install -m 600" in refused.stderr  # the keys of the bucket, which it does not make
        for name in ("s3_key", "s3_key_secret"):
            secret_file(home, name).write_text("an-access-key\n")
        try:
            made.works("up", "--services", "postgresql")
            yield made
        finally:
            down = made.howdah("down")
            shutil.rmtree(Layout(home).metrics_in_memory, ignore_errors=True)
    shutil.rmtree(folder)
    assert down.returncode == 0, down.stderr


def test_archive_backup_check_verify_and_restore_work_with_a_bucket(stack: Stack) -> None:
    taken = json.loads(stack.works("backup", "take", "--json"))
    found = json.loads(stack.works("backup", "check", "--json"))
    assert found["figures"]["newest_backup"] == taken["label"]
    assert found["figures"]["repository_size_bytes"] is None
    assert json.loads(stack.works("backup", "verify", "--json"))["passed"]
    target = stack.home.with_name("restored")
    stack.works("restore", "--to", "latest", "--into", str(target))
    assert list(target.rglob("PG_VERSION"))


def test_a_backup_of_damaged_pages_is_told_although_it_succeeds(stack: Stack) -> None:
    settings = load_settings(stack.environment)
    with connect_directly(settings, SUPERUSER, "postgres") as connection:
        connection.execute("CREATE TABLE spoiled AS SELECT generate_series(1, 10000)")
        connection.execute("CHECKPOINT")
        row = connection.execute("SELECT pg_relation_filepath('spoiled')").fetchone()
        assert row is not None
    with (settings.layout.postgresql_data / row[0]).open("r+b") as file:
        file.seek(PAGE_BYTES + 4000)
        file.write(b"anything else")
    label = json.loads(stack.works("backup", "take", "--json"))["label"]
    checked = stack.howdah("backup", "check", "--json")
    assert checked.returncode == 1
    (problem,) = json.loads(checked.stdout)["problems"]
    assert problem["kind"] == "backup"
    assert label in problem["sentence"]
