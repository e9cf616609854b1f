"""Backups that prove themselves: restored, compared, deleted, and the result kept."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from howdah.foundation.processes.accounts import APPLICATION, POSTGRESQL, as_account, own
from howdah.foundation.settings import Settings
from howdah.operations.backups.counts import counts_of, record_counts
from howdah.operations.backups.listing import Backup, backups_of
from howdah.operations.backups.restore_tests import last_restore_test
from howdah.operations.restores.prove import PLACE, Proof, prove_restore
from howdah.operations.restores.window import archive_now
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly
from tests.backups.accounts import ops_environment
from tests.backups.copies import RepositoryCopy, copied, flip


@pytest.fixture
def provable(archived: Settings, backup: Backup, folder: Path) -> RepositoryCopy:
    """A copy of the repository with what was counted with its backups."""
    assert archive_now(archived)
    copy = copied(archived, folder)
    counts = copy.settings.layout.backup_counts
    shutil.copytree(archived.layout.backup_counts, counts)
    own(counts, POSTGRESQL, 0o755)
    return copy


def prove(settings: Settings) -> Proof:
    return prove_restore(settings, print)


def test_a_backup_becomes_the_database_that_was_counted(provable: RepositoryCopy) -> None:
    found = prove(provable.settings)
    assert found.problems == ()
    assert found.exact
    assert found.tables > 10
    assert {"restore", "replay", "amcheck", "rows", "queries", "checksums"} <= found.phases.keys()
    kept = last_restore_test(provable.settings)
    assert kept
    assert kept.passed
    assert kept.backup == found.backup
    assert not (provable.settings.layout.scratch / PLACE).exists()


def test_the_ops_workers_account_can_run_the_test(archived: Settings, backup: Backup) -> None:
    words = ["backup", "verify", "--restore", "--json"]
    program = [sys.executable, "-m", "howdah.entrypoints.cli", *words]
    run = subprocess.run(
        as_account(POSTGRESQL, program, groups=(APPLICATION,)),
        env=ops_environment(archived),
        cwd="/",
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert json.loads(run.stdout)["passed"]


def test_rows_that_are_missing_are_named(provable: RepositoryCopy, backup: Backup) -> None:
    label = backups_of(provable.settings).backups[-1].label
    for file in provable.settings.layout.backup_counts.glob(f"*-{label}*.json"):
        document = json.loads(file.read_text())
        document["rows"]["public.users"] += 1
        document["slack"] = {}
        file.write_text(json.dumps(document))
    found = prove(provable.settings)
    assert ["public.users" in problem for problem in found.problems] == [True]


def test_a_damaged_file_fails_the_test_by_its_name(provable: RepositoryCopy) -> None:
    label = backups_of(provable.settings).backups[-1].label
    damaged = provable.backup_files(label)[0]
    flip(damaged)
    found = prove(provable.settings)
    assert any(damaged.name.removesuffix(".zst") in problem for problem in found.problems)
    kept = last_restore_test(provable.settings)
    assert kept
    assert not kept.passed
    assert not (provable.settings.layout.scratch / PLACE).exists()


def test_damaged_wal_fails_the_test_by_its_name(provable: RepositoryCopy) -> None:
    newest = backups_of(provable.settings).backups[-1]
    damaged = next(path for path in provable.segments() if path.name.startswith(newest.wal_stop))
    flip(damaged)
    found = prove(provable.settings)
    assert any(newest.wal_stop in problem for problem in found.problems)


def test_a_lost_manifest_fails_the_test_by_its_name(provable: RepositoryCopy) -> None:
    label = backups_of(provable.settings).backups[-1].label
    manifest = provable.manifest(label)
    for file in (manifest, manifest.with_name("backup.manifest.copy")):
        flip(file)
    found = prove(provable.settings)
    assert any("backup.manifest" in problem for problem in found.problems)


def test_rows_are_counted_exactly_while_others_write(archived: Settings, backup: Backup) -> None:
    newest = backups_of(archived).backups[-1]
    with inserting(archived) as inserted:
        record_counts(archived, newest.label)
    counts = counts_of(archived, newest.label)
    assert counts
    assert counts.slack == {}
    assert inserted
    found = prove(archived)
    assert found.exact
    assert found.problems == ()


@contextmanager
def inserting(settings: Settings) -> Iterator[list[int]]:
    """Three clients that insert rows, with short breaks; yields a list that grows with them."""
    inserted: list[int] = []
    done = threading.Event()

    def work(client: int) -> None:
        with connect_directly(settings, SUPERUSER) as connection:
            while not done.wait(0.005):
                connection.execute(
                    "INSERT INTO heartbeats (source) VALUES ('a test ' || gen_random_uuid())"
                )
                inserted.append(client)

    with ThreadPoolExecutor(3) as clients:
        working = [clients.submit(work, client) for client in range(3)]
        try:
            while len(inserted) < 10 and not any(client.done() for client in working):
                time.sleep(0.01)
            yield inserted
        finally:
            done.set()
    for client in working:
        client.result()
    with connect_directly(settings, SUPERUSER) as connection:
        connection.execute("DELETE FROM heartbeats WHERE source LIKE 'a test %'")
