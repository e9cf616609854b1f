"""`howdah recover` on one PostgreSQL: the six steps, on the archive alone."""

import os
import shutil
import signal
from collections.abc import Iterator

import pytest

from howdah.foundation.processes.postmaster import postmaster_of
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.backups.listing import Backup
from tests.backups.recovering import (
    archived_until_now,
    howdah,
    mark,
    marks,
    pids,
    recorded,
    set_aside,
)


@pytest.fixture(autouse=True)
def nothing_left(archived: Settings, backup: Backup) -> Iterator[None]:
    """What was set aside is deleted, as an operator would."""
    yield
    for folder in set_aside(archived):
        shutil.rmtree(folder)


def test_when_all_is_well_it_says_so_and_changes_nothing(archived: Settings) -> None:
    before = pids(archived)
    assert recorded("recover", "--yes")["outcome"] == "not needed"
    assert pids(archived) == before


def test_a_dry_run_says_what_would_be_done_and_records_nothing(archived: Settings) -> None:
    archived_until_now(archived)
    before, kept = pids(archived), list(archived.layout.recovery.glob("*"))
    said = howdah("recover", "--dry-run", "--choice", "restore", "--to", "latest").stderr
    for word in ("interrupts", "loses", "4 Verify", "5 Switch", "6 Post-mortem"):
        assert word in said
    assert pids(archived) == before
    assert list(archived.layout.recovery.glob("*")) == kept


def test_a_lost_instance_comes_back_from_the_archive_alone(archived: Settings) -> None:
    mark(archived, "instance_loss", 1)
    archived_until_now(archived)
    _lose(archived)
    record = recorded("recover", "--yes")
    assert record["outcome"] == "recovered"
    assert marks(archived, "instance_loss") == [1]
    folder = archived.layout.recovery / record["id"]
    text = (folder / "post-mortem.md").read_text(encoding="utf-8")
    assert "its data directory is gone" in text
    assert "restore to the end of the archive" in text


def _lose(settings: Settings) -> None:
    """The machine's disk is gone, and the server with it."""
    Supervisor(settings.layout.supervisor_socket).stop("postgresql")
    server = postmaster_of(settings.layout.postgresql_data)
    if server is not None:
        os.kill(server.pid, signal.SIGKILL)
        server.wait(30)
    shutil.rmtree(settings.layout.postgresql_data)
