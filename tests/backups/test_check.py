"""`backup check` looks into the repository itself, and tells what is wrong with the backups."""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from howdah.foundation.processes.accounts import running_as_root
from howdah.foundation.rendering.pgbackrest import repository_path
from howdah.foundation.settings import Settings
from howdah.operations.backups.check import check_backups, look
from howdah.operations.backups.gaps import Segment
from howdah.operations.backups.program import pgbackrest
from howdah.operations.backups.repository import look_at_repository
from howdah.operations.backups.state import known, state_file
from howdah.operations.backups.watching import Watch
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly
from tests.backups.copies import RepositoryCopy
from tests.backups.disks import MB, small_disk
from tests.backups.writing import close_segment, until


def kinds(settings: Settings) -> set[str]:
    return {problem.kind for problem in check_backups(settings).problems}


def folder_of(settings: Settings) -> Path:
    return Path(repository_path(settings.topology, settings.layout))


def serves(settings: Settings) -> bool:
    """Whether PostgreSQL still takes writes."""
    with connect_directly(settings, SUPERUSER, "postgres") as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS still_serving (at timestamptz)")
        connection.execute("INSERT INTO still_serving VALUES (now())")
    return True


def howdah(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "howdah.entrypoints.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_nothing_is_wrong_with_a_stack_that_archives(
    archived: Settings, segments: list[Segment]
) -> None:
    found = check_backups(archived)
    assert found.problems == ()
    figures = found.figures
    assert figures.gaps == 0
    assert figures.archived_at is not None
    assert figures.newest_backup_at is not None
    assert figures.waiting_bytes is not None
    assert (figures.repository_free_bytes or 0) > 0
    assert (figures.wal_bytes or 0) > 0


def test_the_command_says_so_and_leaves_it_for_others(
    archived: Settings, segments: list[Segment]
) -> None:
    ran = howdah("backup", "check", "--json")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads(ran.stdout)["problems"] == []
    assert state_file(archived.layout).stat().st_mode & 0o777 == 0o644
    assert known(archived).problems(datetime.now(UTC)) == ()
    assert "Nothing is wrong" in howdah("backup", "check").stdout
    assert json.loads(howdah("status", "--json").stdout)["backups"]["problems"] == []
    assert "Backups: newest" in howdah("status").stdout


def test_the_metrics_tell_it(archived: Settings, segments: list[Segment]) -> None:
    howdah("backup", "check")
    api = archived.topology.api.host, archived.topology.ports.api
    with urllib.request.urlopen("http://{}:{}/metrics".format(*api)) as answer:
        text = answer.read().decode()
    assert 'howdah_backup_problems{kind="gaps"} 0.0' in text
    assert "howdah_backup_age_seconds " in text
    assert "howdah_archive_gaps 0.0" in text


def test_a_hole_is_told_although_pgbackrest_is_content(
    archived: Settings, segments: list[Segment], folder: Path
) -> None:
    archive = folder_of(archived) / "archive"
    (file,) = archive.rglob(f"{segments[2].name()}-*")
    aside = file.with_name(f"aside-{segments[2].name()}")
    file.rename(aside)
    try:
        pgbackrest(archived, "check")  # raises when it finds anything
        (problem,) = check_backups(archived).problems
        ran = howdah("backup", "check")
    finally:
        aside.rename(file)
    assert problem.kind == "gaps"
    assert segments[2].name() in problem.sentence
    assert ran.returncode == 1
    assert segments[2].name() in ran.stdout
    assert kinds(archived) == set()


def test_who_watches_sees_at_once_what_comes_and_within_an_hour_what_is_lost(
    small_repository: RepositoryCopy,
) -> None:
    newest = look_at_repository(small_repository.settings).archive.newest
    assert newest is not None
    last = newest.number
    next_log = (last // 256 + 1) * 256
    made = {number: archive(small_repository, number) for number in range(last + 1, next_log + 1)}
    moments = iter([0.0, 60.0, 3600.0, 3660.0])
    watch = Watch(small_repository.settings, lambda: 1e6 + next(moments))
    assert watch.check().figures.newest_segment == Segment(1, next_log).name()

    made[last + 1].rename(small_repository.folder / "lost")
    archive(small_repository, next_log + 1)
    figures = watch.check().figures
    assert figures.newest_segment == Segment(1, next_log + 1).name()
    assert figures.gaps == 0

    assert watch.check().figures.gaps == 1
    (small_repository.folder / "lost").rename(made[last + 1])
    assert watch.check().figures.gaps == 0


def archive(small_repository: RepositoryCopy, number: int) -> Path:
    """A file where a segment would be."""
    name = Segment(1, number).name()
    file = small_repository.archive / "15-1" / name[:16] / f"{name}-{'a' * 40}.zst"
    file.parent.mkdir(exist_ok=True)
    file.touch()
    return file


def test_a_repository_that_cannot_be_read_is_a_problem(small_repository: RepositoryCopy) -> None:
    small_repository.use_key("not the key that it was encrypted with")
    found = check_backups(small_repository.settings)
    assert {"repository", "primary"} <= {problem.kind for problem in found.problems}
    assert found.figures.backups is None


@contextmanager
def unmounted(settings: Settings) -> Iterator[None]:
    """The repository's folder is another, empty one for a while."""
    folder = folder_of(settings)
    aside = folder.with_name(f"{folder.name}-aside")
    folder.rename(aside)
    try:
        yield
    finally:
        aside.rename(folder)


def test_a_repository_that_was_away_is_filled_up_without_a_gap(
    archived: Settings, segments: list[Segment]
) -> None:
    with unmounted(archived):
        missed = [close_segment(archived) for _ in range(3)]
        until(lambda: {"repository", "archive"} <= kinds(archived), "the outage to be told")
        assert serves(archived)
        waiting = look(archived).primary
        assert waiting is not None
        assert waiting.waiting_segments >= len(missed)
    last = close_segment(archived)  # PostgreSQL tries again at once
    until(lambda: last in look_at_repository(archived).archive.segments, "the archive")
    assert set(missed) <= set(look_at_repository(archived).archive.segments)
    until(lambda: not kinds(archived), "all to be well again")


def fill(settings: Settings) -> list[Segment]:
    """Write 40 MB of WAL that hardly compresses; returns its segments."""
    with connect_directly(settings, SUPERUSER, "postgres") as connection:
        connection.execute("DROP TABLE IF EXISTS noise")
        connection.execute(
            "CREATE TABLE noise AS SELECT string_agg(md5(random()::text), '') "
            "FROM generate_series(1, 1250000) number GROUP BY number / 10"
        )
        connection.execute("DROP TABLE noise")
    return [close_segment(settings)]


if running_as_root():  # who may mount a disk

    def test_a_full_repository_stops_the_archive_and_nothing_else(
        archived: Settings, segments: list[Segment], folder: Path
    ) -> None:
        with small_disk(folder_of(archived), folder, spare_bytes=8 * MB) as disk:
            missed = fill(archived)
            until(lambda: {"archive", "space"} <= kinds(archived), "the full disk to be told")
            assert serves(archived)
            disk.grow(1024 * MB)
            last = close_segment(archived)
            until(lambda: last in look_at_repository(archived).archive.segments, "the archive")
            assert set(missed) <= set(look_at_repository(archived).archive.segments)
        until(lambda: not kinds(archived), "all to be well again")
