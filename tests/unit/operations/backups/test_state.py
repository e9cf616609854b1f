"""What was found is kept and read by others; nobody having looked is a problem of its own."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from prometheus_client.core import GaugeMetricFamily

from howdah.operations.backups.figures import KINDS, Check, Figures, Problem, check_from
from howdah.operations.backups.metrics import NAMES, families
from howdah.operations.backups.restore_tests import RestoreTest
from howdah.operations.backups.state import STALE_SECONDS, Known

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
FIGURES = Figures(
    backups=30,
    newest_backup="20261122-020000F",
    newest_backup_at=NOW - timedelta(hours=1),
    newest_backup_bytes=1000,
    earliest=NOW - timedelta(days=30),
    newest_segment="00000001000000000000000A",
    archived_at=NOW - timedelta(seconds=20),
    segments=5000,
    gaps=0,
    missing_segments=0,
    stored_bytes=10**9,
    repository_free_bytes=10**10,
    repository_size_bytes=10**11,
    waiting_bytes=4096,
    waiting_segments=0,
    waiting_since=NOW,
    failed_archivings=0,
    wal_bytes=10**8,
    disk_free_bytes=10**10,
    disk_size_bytes=10**11,
)
CHECK = Check(
    NOW - timedelta(seconds=30), (Problem("gaps", "one is missing", "take one"),), FIGURES
)
TEST = RestoreTest(NOW - timedelta(days=3), True, "", "20261122-020000F", 61.5, 1, Path("/e"), {})


def exported(known: Known) -> dict[tuple[str, ...], float]:
    found: list[GaugeMetricFamily] = list(families(known, NOW))
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in found
        for sample in family.samples
    }


def test_what_was_found_is_read_as_it_was_written() -> None:
    assert check_from(CHECK.as_data()) == CHECK
    unknown = replace(CHECK, figures=Figures(), problems=())
    assert check_from(unknown.as_data()) == unknown


def test_a_look_that_is_fresh_tells_its_problems_alone() -> None:
    assert Known(CHECK, TEST).problems(NOW) == CHECK.problems


def test_a_look_that_is_old_is_a_problem_itself() -> None:
    later = NOW + timedelta(seconds=STALE_SECONDS)
    assert [item.kind for item in Known(CHECK, TEST).problems(later)] == ["stale", "gaps"]


def test_that_nobody_ever_looked_is_a_problem() -> None:
    assert [item.kind for item in Known(None, None).problems(NOW)] == ["stale"]


def test_ages_are_as_of_the_scrape() -> None:
    found = exported(Known(CHECK, TEST))
    assert found[("howdah_backup_age_seconds",)] == 3600
    assert found[("howdah_archive_age_seconds",)] == 20
    assert found[("howdah_backup_state_age_seconds",)] == 30
    assert found[("howdah_restore_test_age_seconds",)] == 3 * 86400
    assert found[("howdah_restore_test_passed",)] == 1


def test_every_kind_of_problem_is_exported_also_when_there_is_none() -> None:
    found = exported(Known(CHECK, TEST))
    kinds = {kind: found[("howdah_backup_problems", kind)] for kind in KINDS}
    assert kinds == dict.fromkeys(KINDS, 0) | {"gaps": 1}


def test_every_metric_is_there_when_everything_is_known() -> None:
    assert {name for name, *_ in exported(Known(CHECK, TEST))} == set(NAMES)


def test_what_is_not_known_is_absent_and_its_absence_is_told() -> None:
    found = exported(Known(None, None))
    assert found[("howdah_backup_state_age_seconds",)] == float("inf")
    assert found[("howdah_backup_problems", "stale")] == 1
    assert ("howdah_backup_age_seconds",) not in found
