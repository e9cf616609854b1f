"""While a release rolls out, the code of the release before runs on the schema of this one."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from howdah.foundation.settings import CHECKOUT, Settings
from howdah.operations.migrations import migrate_down, migrate_up
from howdah.operations.migrations.files import read_migrations
from howdah.operations.migrations.phases import before_first_post

WITH_SERVERS_OF_THEIR_OWN = ("hanging_pooler", "database_away", "redis_away")
"""Tests of outages: slow, and nothing to do with the schema."""


def git(*words: str) -> "subprocess.CompletedProcess[bytes]":
    command = ["git", "-c", f"safe.directory={CHECKOUT}", "-C", str(CHECKOUT), *words]
    return subprocess.run(command, capture_output=True, check=False)


@pytest.fixture(scope="module")
def release_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the last tag, or of the commit before this one where there is no tag."""
    tag = git("describe", "--tags", "--abbrev=0", "HEAD^")
    revision = tag.stdout.decode().strip() if tag.returncode == 0 else "HEAD^"
    archive = git("archive", revision)
    if archive.returncode:
        pytest.fail(f"This test needs git's history: {archive.stderr.decode().strip()}")
    folder = tmp_path_factory.mktemp("release-before")
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


@pytest.fixture
def schema_before_deployment(settings: Settings, release_before: Path) -> Iterator[None]:
    """The database as `migrate up --pre` would have left it after the release before."""
    known = {path.name for path in (release_before / "migrations").glob("*.sql")}
    everything = [item.path for item in read_migrations(settings.migrations)]
    new = [path for path in everything if path.name not in known]
    kept = len(everything) - len(new) + len(before_first_post(new))
    migrate_down(settings, to=everything[kept - 1].name[:3])
    yield
    migrate_up(settings)


@pytest.mark.usefixtures("schema_before_deployment")
def test_the_code_of_the_release_before_passes_its_own_tests_on_the_new_schema(
    release_before: Path,
) -> None:
    left_out = [f"--ignore-glob=*test_{name}.py" for name in WITH_SERVERS_OF_THEIR_OWN]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "tests/api", "-x", "-p", "no:cacheprovider", *left_out],
        cwd=release_before,
        env={**os.environ, "PYTHONPATH": str(release_before / "src"), "PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
