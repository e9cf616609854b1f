"""What is wrong is told, and what could not be looked at; what is right is not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from howdah.operations.backups.figures import KINDS, Problem
from howdah.operations.backups.gaps import DEFAULT_SEGMENT_BYTES, Hole, Segment
from howdah.operations.backups.listing import Backup
from howdah.operations.backups.primary import PrimaryView
from howdah.operations.backups.problems import Seen, Space, problems_of
from howdah.operations.backups.repository import Archive, Repository
from howdah.operations.backups.restore_tests import RestoreTest

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
MB = 1024 * 1024
GB = 1024 * MB


def ago(**units: float) -> datetime:
    return NOW - timedelta(**units)


BACKUP = Backup(
    label="20261122-020000F",
    kind="full",
    begun=ago(minutes=60),
    ended=ago(minutes=59),
    database_bytes=5 * GB,
    repository_bytes=GB,
    wal_start="000000010000000000000003",
    wal_stop="000000010000000000000004",
    lsn_start="0/3000028",
    lsn_stop="0/4000000",
    damaged=False,
)
ARCHIVE = Archive("15-1", {Segment(1, number): ago(seconds=20) for number in range(3, 10)})
PRIMARY = PrimaryView(
    system_id="7",
    timeline=1,
    lsn=10 * DEFAULT_SEGMENT_BYTES + 5000,
    segment_bytes=DEFAULT_SEGMENT_BYTES,
    max_wal_bytes=2 * GB,
    started_at=ago(days=3),
    wal_bytes=GB,
    waiting_segments=0,
    waiting_since=None,
    failed_archivings=3,
    failed_segment="000000010000000000000005",
    failed_at=ago(hours=2),
    succeeded_at=ago(seconds=20),
)
TEST = RestoreTest(ago(days=10), True, "", BACKUP.label, 60.0, GB, Path("/evidence"), {})
WELL = Seen(
    moment=NOW,
    repository=Repository((BACKUP,), ARCHIVE, "7"),
    holes=(),
    primary=PRIMARY,
    repository_space=Space(50 * GB, 100 * GB),
    disk_space=Space(50 * GB, 100 * GB),
    restore_test=TEST,
    since=ago(days=100),
)


def told(seen: Seen) -> list[str]:
    found = list(problems_of(seen))
    assert all(problem.sentence and problem.kind in KINDS for problem in found)
    return [problem.kind for problem in found]


def archived(*segments: Segment, at: datetime) -> Repository:
    return Repository((BACKUP,), Archive("15-1", dict.fromkeys(segments, at)), "7")


def test_nothing_is_wrong_when_all_is_well() -> None:
    assert told(WELL) == []


def test_what_could_not_be_looked_at_is_a_problem() -> None:
    trouble = Problem("repository", "it cannot be read", "look there")
    assert told(Seen(NOW, troubles=(trouble,))) == ["repository"]


def test_an_archive_that_nothing_reaches_any_more_is_told() -> None:
    late = replace(WELL, repository=archived(Segment(1, 9), at=ago(minutes=6)))
    assert told(late) == ["archive"]


def test_an_idle_archive_is_not_a_dead_one() -> None:
    idle = replace(
        WELL,
        repository=archived(Segment(1, 9), at=ago(hours=6)),
        primary=replace(PRIMARY, lsn=10 * DEFAULT_SEGMENT_BYTES),
    )
    assert told(idle) == []


def test_a_server_that_was_down_has_time_to_archive() -> None:
    late = replace(WELL, repository=archived(Segment(1, 9), at=ago(hours=6)))
    assert told(replace(late, primary=replace(PRIMARY, started_at=ago(minutes=1)))) == []
    assert told(replace(late, primary=replace(PRIMARY, started_at=ago(minutes=6)))) == ["archive"]


def test_an_archive_in_which_nothing_ever_arrived_is_told() -> None:
    assert told(replace(WELL, repository=archived(at=NOW))) == ["archive"]


def test_a_primary_that_cannot_archive_is_told_at_once() -> None:
    failing = replace(PRIMARY, failed_at=ago(seconds=5), waiting_segments=2)
    assert told(replace(WELL, primary=failing)) == ["archive"]
    never = replace(failing, succeeded_at=None)
    assert told(replace(WELL, primary=never)) == ["archive"]


def test_a_hole_is_told_with_what_comes_after_it() -> None:
    found = list(problems_of(replace(WELL, holes=(Hole(1, 2, 2),))))
    assert [problem.kind for problem in found] == ["gaps"]
    assert "000000010000000000000002" in found[0].sentence
    assert BACKUP.label in found[0].sentence
    after = next(iter(problems_of(replace(WELL, holes=(Hole(1, 6, 8),)))))
    assert "3 WAL segments" in after.sentence
    assert "no backup after it" in after.sentence


def test_a_segment_that_is_there_twice_is_told() -> None:
    twice = replace(ARCHIVE, duplicates=("000000010000000000000005",))
    assert told(replace(WELL, repository=Repository((BACKUP,), twice, "7"))) == ["archive"]


def test_a_server_that_archives_into_the_repository_of_another_is_told() -> None:
    assert told(replace(WELL, repository=Repository((BACKUP,), ARCHIVE, "8"))) == ["repository"]


def test_a_clone_that_archives_is_told() -> None:
    other = archived(Segment(2, 10), at=ago(seconds=10))
    assert told(replace(WELL, repository=other)) == ["archive"]


@pytest.mark.parametrize(("hours", "kinds"), [(25, []), (27, ["backup"])])
def test_a_day_without_a_backup_is_told(hours: float, kinds: list[str]) -> None:
    old = replace(BACKUP, ended=ago(hours=hours))
    assert told(replace(WELL, repository=Repository((old,), ARCHIVE, "7"))) == kinds


def test_that_there_is_no_backup_is_told() -> None:
    assert told(replace(WELL, repository=Repository((), ARCHIVE, "7"))) == ["backup"]


def test_a_backup_of_damaged_pages_is_told() -> None:
    damaged = replace(BACKUP, damaged=True)
    assert told(replace(WELL, repository=Repository((damaged,), ARCHIVE, "7"))) == ["backup"]


@pytest.mark.parametrize(
    ("space", "kinds"),
    [
        (Space(21 * GB, 100 * GB), []),
        (Space(19 * GB, 100 * GB), ["space"]),
        (Space(GB, 4 * GB), ["space"]),  # a quarter, and less than two backups
    ],
)
def test_a_repository_without_room_is_told(space: Space, kinds: list[str]) -> None:
    assert told(replace(WELL, repository_space=space)) == kinds


def test_wal_that_piles_up_is_told_with_the_time_that_is_left() -> None:
    piling = replace(PRIMARY, wal_bytes=5 * GB, waiting_segments=240, waiting_since=ago(hours=2))
    found = list(problems_of(replace(WELL, primary=piling)))
    assert [problem.kind for problem in found] == ["wal"]
    assert "240 segments wait" in found[0].sentence
    assert "full in 27 h" in found[0].sentence


def test_a_full_data_disk_is_told() -> None:
    assert told(replace(WELL, disk_space=Space(9 * GB, 100 * GB))) == ["wal"]


def test_a_failed_restore_test_is_told() -> None:
    failed = replace(TEST, passed=False, failure="3 rows are missing")
    found = list(problems_of(replace(WELL, restore_test=failed)))
    assert [problem.kind for problem in found] == ["restore_test"]
    assert "3 rows are missing" in found[0].sentence


@pytest.mark.parametrize(("days", "kinds"), [(34, []), (36, ["restore_test"])])
def test_a_restore_test_that_was_left_out_is_told(days: int, kinds: list[str]) -> None:
    assert told(replace(WELL, restore_test=replace(TEST, moment=ago(days=days)))) == kinds
    assert told(replace(WELL, restore_test=None, since=ago(days=days))) == kinds
