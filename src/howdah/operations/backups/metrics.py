"""Backups and archive in Prometheus's terms, read from what the last look found.

Ages are as of the scrape. What could not be found out is absent; that nobody could look is
`howdah_backup_problems` and the age of the state.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from howdah.foundation.settings import Settings
from howdah.operations.backups.figures import KINDS, Figures
from howdah.operations.backups.state import Known, known

Value = Callable[[Figures, datetime], float | None]


def _age(moment: Callable[[Figures], datetime | None]) -> Value:
    def seconds(figures: Figures, now: datetime) -> float | None:
        found = moment(figures)
        return None if found is None else (now - found).total_seconds()

    return seconds


def _plain(figure: Callable[[Figures], int | None]) -> Value:
    return lambda figures, _: figure(figures)


GAUGES: tuple[tuple[str, str, Value], ...] = (
    (
        "howdah_backups",
        "Backups in the repository.",
        _plain(lambda figures: figures.backups),
    ),
    (
        "howdah_backup_age_seconds",
        "Since the newest backup was complete.",
        _age(lambda figures: figures.newest_backup_at),
    ),
    (
        "howdah_backup_size_bytes",
        "What the newest backup takes in the repository.",
        _plain(lambda figures: figures.newest_backup_bytes),
    ),
    (
        "howdah_restorable_seconds",
        "How far back a restore can go.",
        _age(lambda figures: figures.earliest),
    ),
    (
        "howdah_archive_age_seconds",
        "Since the newest WAL segment came into the archive.",
        _age(lambda figures: figures.archived_at),
    ),
    (
        "howdah_archive_gaps",
        "Holes in the archived WAL, from the oldest backup on.",
        _plain(lambda figures: figures.gaps),
    ),
    (
        "howdah_archive_waiting_bytes",
        "WAL that was written and is not in the archive.",
        _plain(lambda figures: figures.waiting_bytes),
    ),
    (
        "howdah_archive_waiting_segments",
        "Finished WAL segments that wait on the primary to be archived.",
        _plain(lambda figures: figures.waiting_segments),
    ),
    (
        "howdah_wal_bytes",
        "What pg_wal takes on the primary.",
        _plain(lambda figures: figures.wal_bytes),
    ),
    (
        "howdah_postgresql_disk_free_bytes",
        "Room on the disk with PostgreSQL's data.",
        _plain(lambda figures: figures.disk_free_bytes),
    ),
    (
        "howdah_postgresql_disk_size_bytes",
        "Size of the disk with PostgreSQL's data.",
        _plain(lambda figures: figures.disk_size_bytes),
    ),
    (
        "howdah_repository_stored_bytes",
        "What backups and WAL take in the repository.",
        _plain(lambda figures: figures.stored_bytes),
    ),
    (
        "howdah_repository_free_bytes",
        "Room on the repository's disk.",
        _plain(lambda figures: figures.repository_free_bytes),
    ),
    (
        "howdah_repository_size_bytes",
        "Size of the repository's disk.",
        _plain(lambda figures: figures.repository_size_bytes),
    ),
)
STATE_AGE, PROBLEMS = "howdah_backup_state_age_seconds", "howdah_backup_problems"
TEST_AGE, TEST_PASSED = "howdah_restore_test_age_seconds", "howdah_restore_test_passed"
TEST_DURATION = "howdah_restore_test_duration_seconds"
NAMES = (
    *(name for name, _, _ in GAUGES), STATE_AGE, PROBLEMS, TEST_AGE, TEST_PASSED, TEST_DURATION
)  # fmt: skip


class BackupMetrics(Collector):
    """Reads the state at each scrape; tells nothing where no backups are taken."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The families, as of now."""
        if not self._settings.topology.backup.enabled:
            return ()
        return families(known(self._settings), datetime.now(UTC))

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Their names, without looking."""
        return ()


def families(found: Known, now: datetime) -> Iterator[GaugeMetricFamily]:
    """What is known as metrics. Pure."""
    yield _gauge(
        STATE_AGE,
        "Since somebody last looked at the backups; infinite when nobody has.",
        found.age_seconds(now),
    )
    problems = GaugeMetricFamily(
        PROBLEMS, "What is wrong with backups and archive.", labels=["kind"]
    )
    kinds = [problem.kind for problem in found.problems(now)]
    for kind in KINDS:
        problems.add_metric([kind], kinds.count(kind))
    yield problems
    if found.check is not None:
        for name, help_text, value in GAUGES:
            figure = value(found.check.figures, now)
            if figure is not None:
                yield _gauge(name, help_text, figure)
    if (test := found.restore_test) is not None:
        age = (now - test.moment).total_seconds()
        yield _gauge(TEST_AGE, "Since the newest restore test.", age)
        yield _gauge(TEST_PASSED, "Whether the newest restore test passed.", test.passed)
        yield _gauge(
            TEST_DURATION,
            "How long the newest restore test took.",
            test.seconds,
        )


def _gauge(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_text, value=value)
