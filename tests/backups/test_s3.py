"""A repository in an S3 bucket: archive, backup, check, verify and restore, over TLS."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

from howdah.foundation.layout import Layout
from howdah.foundation.secrets import secret_file
from howdah.foundation.settings import Settings, child_environment
from tests.backups.s3_service import s3_service

PORT_DISTANCE = 1000
"""From the ports of the stack that the other tests share."""


def test_everything_works_with_a_bucket(archived: Settings, folder: Path) -> None:
    home = folder / "home"
    port_base = str(archived.topology.ports.base + PORT_DISTANCE)
    with s3_service(folder) as service:
        environment = child_environment(
            home, Path("/dev/null"), HOWDAH_PORTS__BASE=port_base, **service.settings()
        )

        def howdah(*words: str) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, "-m", "howdah.entrypoints.cli", *words]
            return subprocess.run(
                command, env=environment, capture_output=True, text=True, check=False
            )

        refused = howdah("up", "--services", "postgresql")
        assert refused.returncode == 1
        assert "install -m 600" in refused.stderr
        for name in ("s3_key", "s3_key_secret"):
            secret_file(home, name).write_text("an-access-key\n")
        try:
            ran = howdah("up", "--services", "postgresql")
            assert ran.returncode == 0, ran.stdout + ran.stderr
            taken = howdah("backup", "take", "--json")
            assert taken.returncode == 0, taken.stderr
            checked = howdah("backup", "check", "--json")
            assert checked.returncode == 0, checked.stdout + checked.stderr
            assert json.loads(checked.stdout)["figures"]["backups"] == 1
            verified = howdah("backup", "verify", "--json")
            assert verified.returncode == 0, verified.stdout + verified.stderr
            target = folder / "restored"
            restored = howdah("restore", "--to", "latest", "--into", str(target))
            assert restored.returncode == 0, restored.stdout + restored.stderr
            assert (target / "PG_VERSION").exists() or list(target.rglob("PG_VERSION"))
        finally:
            down = howdah("down")
            shutil.rmtree(Layout(home).metrics_in_memory, ignore_errors=True)
        assert down.returncode == 0, down.stderr
