"""Fixtures for tests of backups, which `./howdah test` gives a stack of their own.

archived     the settings of that stack: one PostgreSQL that archives its WAL
backup       a full backup of it, taken once for all tests
segments     WAL in the archive after that backup
small_repository   a copy of how it began, quick to make; else as the next
repository   a copy of its repository that a test may damage, and settings that lead there

A test must leave the stack archiving and its repository whole.
"""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import Segment
from howdah.operations.backups.listing import Backup
from howdah.operations.backups.take import take_backup
from tests.backups.copies import RepositoryCopy, copied
from tests.backups.writing import archived_segments


@pytest.fixture(scope="session")
def archived(settings: Settings) -> Settings:
    """The settings of the running stack; one that takes no backups fails the test."""
    if not settings.topology.backup.enabled:
        pytest.fail(
            "This test needs a stack with backups: start it with ./howdah test --only backups.",
            pytrace=False,
        )
    return settings


@pytest.fixture(scope="session")
def backup(archived: Settings) -> Backup:
    """A full backup."""
    return take_backup(archived, "full", print)


@pytest.fixture
def folder() -> Iterator[Path]:
    """An empty folder that the servers' accounts can enter."""
    made = Path(tempfile.mkdtemp(prefix="howdah-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.fixture(scope="session")
def segments(archived: Settings, backup: Backup) -> list[Segment]:
    """Six WAL segments after that backup, all in the archive."""
    return archived_segments(archived, 6)


@pytest.fixture(scope="session")
def first_repository(archived: Settings, segments: list[Segment]) -> Iterator[Path]:
    """The repository as it is when first asked for: soon it grows, and copies of it get slow."""
    folder = Path(tempfile.mkdtemp(prefix="howdah-"))
    folder.chmod(0o755)
    yield copied(archived, folder).folder
    shutil.rmtree(folder)


@pytest.fixture
def small_repository(archived: Settings, first_repository: Path, folder: Path) -> RepositoryCopy:
    """That, as a copy that a test may damage."""
    return copied(archived, folder, first_repository)


@pytest.fixture
def repository(archived: Settings, segments: list[Segment], folder: Path) -> RepositoryCopy:
    """The repository with that backup and those segments in it, as a copy."""
    return copied(archived, folder)
