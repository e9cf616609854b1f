"""A rehearsal on what the newest backup holds, in a server of its own."""

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings
from howdah.operations.backups.listing import Backup, backups_of
from howdah.operations.migrations.rehearse import Plan, rehearse
from howdah.operations.migrations.rehearse.restored import PLACE
from howdah.operations.restores.folder import RECOVERING, RestoreFolder, make_folder
from howdah.operations.restores.target import parse_target
from howdah.operations.restores.window import archive_now
from howdah.operations.roles.catalog import OWNER
from howdah.operations.roles.connect import connect_directly

A_DOCUMENT = """
    INSERT INTO documents (title, content, author_id, org_id)
    SELECT 'After the backup', 'Confidential words', user_id, org_id FROM memberships LIMIT 1
"""
WRITTEN = "SELECT count(*) FROM documents WHERE title = 'After the backup'"
REHEARSED = """-- migrate:up
CREATE TABLE rehearsed ();
-- migrate:down
DROP TABLE rehearsed;
"""


@pytest.fixture
def pending(archived: Settings, backup: Backup, tmp_path: Path) -> Settings:
    """A migration that has not run, and a document that only the archive of WAL has."""
    shutil.copytree(archived.migrations, tmp_path / "migrations")
    number = len(list((tmp_path / "migrations").glob("[0-9]*.sql"))) + 1
    (tmp_path / "migrations" / f"{number:03d}_rehearsed.sql").write_text(REHEARSED)
    with connect_directly(archived, OWNER) as connection:
        connection.execute(A_DOCUMENT)
    assert archive_now(archived)
    return replace(archived, checkout=tmp_path)


def test_what_is_pending_runs_on_a_masked_copy_of_its_own_and_the_live_database_is_as_it_was(
    pending: Settings, backup: Backup
) -> None:
    told: list[str] = []
    plan = Plan(backup=parse_target("latest"), warm_up_seconds=0.2)
    found = rehearse(pending, plan, told.append)
    newest = backups_of(pending).backups[-1].label  # other tests take backups too
    assert found.source.startswith(f"the backup {newest}, with what was archived up to 2")
    assert found.problems == ()
    assert [one.direction for one in found.statements] == ["up", "down", "up again"]
    assert all(one.wal_bytes for one in found.statements)
    assert sum(one.count for one in found.meanwhile) > 0
    assert found.masked_rows["public.documents"] > 0
    assert not (pending.layout.scratch / PLACE).exists()
    with connect_directly(pending, OWNER) as connection:
        live = connection.execute(f"SELECT to_regclass('rehearsed'), ({WRITTEN}) > 0").fetchone()
    assert live == (None, True)


def test_a_second_one_at_the_same_time_is_refused(archived: Settings) -> None:
    folder = RestoreFolder(archived.layout.scratch / PLACE)
    make_folder(folder)
    other = psutil.Process(os.getppid())
    at_work = {"pid": other.pid, "process_started": other.create_time()}
    about = {"state": RECOVERING, "target": "the end", "backup": "x", "begun_at": "now"}
    folder.note.write_text(json.dumps(about | at_work))
    try:
        with pytest.raises(CommandFailed, match="another rehearsal on a backup runs"):
            rehearse(archived, Plan(backup=parse_target("latest")), print)
    finally:
        shutil.rmtree(folder.path)
