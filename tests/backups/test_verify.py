"""`backup verify` finds whatever is damaged in a repository, and names it."""

import shutil
from pathlib import Path

from howdah.operations.backups.gaps import Segment
from howdah.operations.backups.listing import Backup
from howdah.operations.backups.program import pgbackrest
from howdah.operations.backups.verify import Verification, verify_backups
from tests.backups.copies import RepositoryCopy, flip


def named(found: Verification) -> set[tuple[str, str]]:
    """Kind and name of everything that no copy makes up for."""
    return {(item.kind, item.name) for item in found.damages if not item.mended_by_copy}


def segment_of(path: Path) -> str:
    return path.name.partition("-")[0]


def test_a_whole_repository_passes(small_repository: RepositoryCopy, backup: Backup) -> None:
    found = verify_backups(small_repository.settings)
    assert found.damages == ()
    assert found.passed
    assert backup.label in {item.label for item in found.backups}
    assert found.wal_segments == found.valid_wal_segments > 0


def test_each_damaged_file_is_named(
    small_repository: RepositoryCopy, backup: Backup, segments: list[Segment]
) -> None:
    flipped, truncated, deleted, *_ = small_repository.backup_files(backup.label)
    flip(flipped)
    truncated.write_bytes(truncated.read_bytes()[:-100])
    deleted.unlink()
    bad, cut = (small_repository.segment(segment) for segment in segments[:2])
    flip(bad)
    cut.write_bytes(cut.read_bytes()[:-100])

    found = verify_backups(small_repository.settings)

    files = {
        str(path.relative_to(small_repository.backups)) for path in (flipped, truncated, deleted)
    }
    wal = {segment_of(bad), segment_of(cut)}
    assert named(found) == {("file", name) for name in files} | {("wal", name) for name in wal}
    assert not found.passed
    assert [item.status for item in found.backups if item.label == backup.label] == ["invalid"]


def test_a_missing_segment_is_named_although_pgbackrest_says_ok(
    small_repository: RepositoryCopy, segments: list[Segment]
) -> None:
    small_repository.segment(segments[2]).unlink()
    said = pgbackrest(small_repository.settings, "verify", "--verbose", "--output=text")
    assert "status: ok" in said
    assert named(verify_backups(small_repository.settings)) == {("gap", segments[2].name())}


def test_the_first_segment_is_named_although_pgbackrest_gives_up_on_it(
    small_repository: RepositoryCopy,
) -> None:
    first = small_repository.segments()[0]
    flip(first, 0.0)
    found = verify_backups(small_repository.settings)
    assert not found.passed
    assert ("wal", segment_of(first)) in named(found)


def test_a_damaged_manifest_is_named_while_its_copy_serves(
    small_repository: RepositoryCopy, backup: Backup
) -> None:
    flip(small_repository.manifest(backup.label))
    flip(small_repository.archive / "archive.info")
    found = verify_backups(small_repository.settings)
    assert not found.passed
    assert any(item.mended_by_copy and item.name == backup.label for item in found.damages)
    assert any("archive.info" in item.sentence for item in found.damages)


def test_a_damaged_copy_of_a_manifest_is_named(
    small_repository: RepositoryCopy, backup: Backup
) -> None:
    flip(small_repository.manifest(backup.label).with_name("backup.manifest.copy"))
    found = verify_backups(small_repository.settings)
    assert not found.passed
    assert backup.label in {item.name for item in found.damages if item.mended_by_copy}


def test_a_backup_without_a_manifest_is_named(
    small_repository: RepositoryCopy, backup: Backup
) -> None:
    manifest = small_repository.manifest(backup.label)
    flip(manifest)
    flip(manifest.with_name("backup.manifest.copy"))
    assert backup.label in {name for _, name in named(verify_backups(small_repository.settings))}

    manifest.unlink()
    manifest.with_name("backup.manifest.copy").unlink()
    assert backup.label in {name for _, name in named(verify_backups(small_repository.settings))}


def test_a_backup_that_is_gone_as_a_whole_is_named(
    small_repository: RepositoryCopy, backup: Backup
) -> None:
    shutil.rmtree(small_repository.backups / backup.label)
    assert ("backup", backup.label) in named(verify_backups(small_repository.settings))


def test_lost_lists_of_backups_are_named(small_repository: RepositoryCopy) -> None:
    for name in ("backup.info", "backup.info.copy"):
        flip(small_repository.backups / name)
    found = verify_backups(small_repository.settings)
    assert not found.passed
    assert not found.complete
    assert any("backup.info" in item.sentence for item in found.damages)


def test_a_damaged_history_is_named(small_repository: RepositoryCopy) -> None:
    pgbackrest(small_repository.settings, "repo-put", "archive/production/15-1/00000063.history")
    assert ("history", "00000063.history") in named(verify_backups(small_repository.settings))


def test_another_key_proves_nothing_and_is_named(small_repository: RepositoryCopy) -> None:
    small_repository.use_key("not the key that it was encrypted with")
    found = verify_backups(small_repository.settings)
    assert not found.passed
    assert not found.complete
    assert found.backups == ()
    assert any(item.kind == "repository" for item in found.damages)


def test_an_empty_repository_proves_nothing(small_repository: RepositoryCopy) -> None:
    shutil.rmtree(small_repository.archive)
    shutil.rmtree(small_repository.backups)
    found = verify_backups(small_repository.settings)
    assert not found.passed
    assert not found.complete
