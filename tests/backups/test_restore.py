"""Going back to a moment: exactly there, in a folder of its own, or not at all.

One history is written once: ten markers, a restore point, the DROP TABLE that everybody regrets,
and five rows after it. Each test restores it to another place and looks what is there.
"""

import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import Segment
from howdah.operations.backups.listing import Backup
from howdah.operations.backups.repository import look_at_repository
from howdah.operations.restores import clone
from howdah.operations.restores.folder import RESTORING, RestoreFolder, read_note, server_pid
from howdah.operations.restores.into import RestorePlan, restore_into
from howdah.operations.restores.past import complete_at
from howdah.operations.restores.preflight import CannotRestore
from howdah.operations.restores.report import RestoreReport
from howdah.operations.restores.target import Target, moment_text, parse_target
from howdah.operations.restores.wal import WalReader
from howdah.operations.restores.waldump import Transaction
from howdah.operations.restores.window import OutsideWindow, archive_now, window_of
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly
from tests.backups.copies import RepositoryCopy, copied

MARKERS, LATER = 10, 5
DATABASE = "regrets"
POINT = "before_the_drop"


@dataclass(frozen=True)
class History:
    """What happened on the stack."""

    last_marker: int
    """The transaction of the last marker."""
    drop: Transaction

    def place(self, kind: str) -> Target:
        drop = self.drop
        return {
            "time": Target("time", moment=drop.moment),
            "lsn": Target("lsn", lsn=drop.lsn),
            "xid": Target("xid", xid=drop.xid),
        }[kind]


@pytest.fixture(scope="module")
def history(archived: Settings, backup: Backup) -> Iterator[History]:
    while datetime.now(UTC) < complete_at(backup):  # a moment before that is not for this backup
        time.sleep(0.1)
    with connect_directly(archived, SUPERUSER, "postgres") as connection:
        connection.execute("CREATE DATABASE regrets")
    with connect_directly(archived, SUPERUSER, DATABASE) as connection:
        connection.execute("CREATE TABLE markers (number integer)")
        for number in range(1, MARKERS + 1):
            row = connection.execute(
                "INSERT INTO markers VALUES (%s) RETURNING pg_current_xact_id()::text", (number,)
            ).fetchone()
        assert row
        connection.execute("SELECT pg_create_restore_point('before_the_drop')")
        with connection.transaction():
            connection.execute("DROP TABLE markers")
            drop = connection.execute("SELECT pg_current_xact_id()::text").fetchone()
        connection.execute("CREATE TABLE later (number integer)")
        for number in range(LATER):
            connection.execute("INSERT INTO later VALUES (%s)", (number,))
    assert drop
    assert archive_now(archived)
    yield History(int(row[0]), located(archived, int(drop[0])))
    with connect_directly(archived, SUPERUSER, "postgres") as connection:
        connection.execute("DROP DATABASE regrets WITH (FORCE)")


def located(settings: Settings, xid: int) -> Transaction:
    """The transaction's record, as pg_waldump shows it in the archive."""
    found = look_at_repository(settings)
    segments = sorted(found.archive.segments)
    with WalReader(settings, found.system_id) as reader:
        for _, records in reader.newest_first(segments):
            for record in records:
                if isinstance(record, Transaction) and record.xid == xid:
                    return record
    raise AssertionError(f"transaction {xid} is not in the archive")


@pytest.fixture(scope="module")
def place() -> Iterator[Path]:
    """A folder that the servers' accounts can enter; what runs in it is stopped."""
    made = Path(tempfile.mkdtemp(prefix="howdah-restores-"))
    made.chmod(0o755)
    yield made
    for note in made.glob("*/restore.json"):
        clone.stop(clone.CloneServer(RestoreFolder(note.parent), 0), "immediate")
    shutil.rmtree(made)


@pytest.fixture
def into(place: Path) -> Iterator[Path]:
    """Where a test restores to; deleted afterwards."""
    folder = place / "restored"
    yield folder
    if folder.exists():
        clone.stop(clone.CloneServer(RestoreFolder(folder), 0), "immediate")
        shutil.rmtree(folder)


def rows(report: RestoreReport, table: str) -> int | None:
    """Rows of a table of the running copy; None when there is no such table."""
    server = clone.CloneServer(RestoreFolder(Path(report.folder)), report.port)
    with clone.connect_clone(server, DATABASE) as connection:
        if connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() == (None,):
            return None
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert found
    return int(found[0])


@pytest.fixture(scope="module")
def copy(archived: Settings, history: History, place: Path) -> RestoreReport:
    """A running copy of the moment just before the drop."""
    target = replace(history.place("xid"), before=True)
    port = archived.topology.ports.base + 98
    return restore_into(archived, RestorePlan(target, place / "copy", start=True, port=port))


def test_just_before_the_drop_everything_is_there_and_the_drop_comes_next(
    history: History, copy: RestoreReport
) -> None:
    assert rows(copy, "markers") == MARKERS
    assert copy.last
    assert copy.last.xid == history.last_marker
    assert copy.next == history.drop


@pytest.mark.parametrize("kind", ["time", "lsn"])
def test_it_is_the_same_whichever_way_the_drop_is_named(
    archived: Settings, history: History, copy: RestoreReport, into: Path, kind: str
) -> None:
    target = replace(history.place(kind), before=True)
    found = restore_into(archived, RestorePlan(target, into, start=True))
    assert rows(found, "markers") == MARKERS
    assert (found.last, found.next) == (copy.last, copy.next)


def test_what_committed_at_the_target_is_in_it_and_the_printed_command_starts_it(
    archived: Settings, history: History, into: Path
) -> None:
    found = restore_into(archived, RestorePlan(history.place("time"), into))
    assert found.last == history.drop
    assert found.next
    assert found.next.lsn > history.drop.lsn
    assert server_pid(RestoreFolder(into)) is None
    subprocess.run(found.start_command, shell=True, check=True, stdout=subprocess.DEVNULL)
    assert rows(found, "markers") is None


def test_a_restore_point_is_found_by_its_name(
    archived: Settings, history: History, into: Path
) -> None:
    found = restore_into(archived, RestorePlan(parse_target(POINT), into, start=True))
    assert rows(found, "markers") == MARKERS
    assert POINT in found.stopping


def test_latest_is_all_that_was_written_also_what_was_not_archived_yet(
    archived: Settings, history: History, into: Path
) -> None:
    with connect_directly(archived, SUPERUSER, DATABASE) as connection:
        connection.execute("INSERT INTO later VALUES (100)")
    found = restore_into(archived, RestorePlan(parse_target("latest"), into, start=True))
    assert rows(found, "later") == LATER + 1
    assert found.next is None
    with connect_directly(archived, SUPERUSER, DATABASE) as connection:
        connection.execute("DELETE FROM later WHERE number = 100")


def test_a_copy_archives_nothing_and_production_stays_on_its_timeline(
    archived: Settings, copy: RestoreReport
) -> None:
    before = {item.timeline for item in look_at_repository(archived).archive.segments}
    server = clone.CloneServer(RestoreFolder(Path(copy.folder)), copy.port)
    with clone.connect_clone(server, DATABASE) as connection:
        connection.execute("CREATE TABLE of_the_copy (number integer)")
        connection.execute("SELECT pg_switch_wal()")
        assert connection.execute("SHOW archive_mode").fetchone() == ("off",)
        assert connection.execute("SHOW primary_conninfo").fetchone() == ("",)
    assert archive_now(archived)
    repository = look_at_repository(archived)
    assert {item.timeline for item in repository.archive.segments} == before
    assert copy.timeline not in repository.archive.histories


@pytest.mark.parametrize("hours", [-1000, 1000])
def test_a_moment_outside_of_the_window_is_refused_with_the_window(
    archived: Settings, history: History, into: Path, hours: float
) -> None:
    moment = history.drop.moment + timedelta(hours=hours)
    with pytest.raises(OutsideWindow) as refusal:
        restore_into(archived, RestorePlan(Target("time", moment=moment), into))
    window = window_of(archived)
    assert moment_text(window.first) in str(refusal.value)
    assert not into.exists()


@pytest.mark.parametrize("text", ["never_made", "FFFF/0"])
def test_a_place_that_is_not_in_the_archive_is_refused(
    archived: Settings, history: History, into: Path, text: str
) -> None:
    with pytest.raises(OutsideWindow):
        restore_into(archived, RestorePlan(parse_target(text), into))
    assert not into.exists()


def test_all_that_speaks_against_a_restore_is_said_at_once_and_nothing_is_touched(
    archived: Settings, backup: Backup, into: Path
) -> None:
    into.mkdir()
    (into / "letter.txt").write_text("mine")
    port = archived.topology.ports.postgresql
    plan = RestorePlan(parse_target("FFFF/0"), into, start=True, port=port)
    with pytest.raises(CannotRestore) as refusal:
        restore_into(archived, plan)
    said = str(refusal.value)
    assert "after the end of the archive" in said
    assert "is not empty" in said
    assert f"port {port} is taken" in said
    assert [path.name for path in into.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("inner", ["data/postgresql", "copy", "repository/backup"])
def test_nothing_is_restored_into_the_installation(
    archived: Settings, backup: Backup, inner: str
) -> None:
    with pytest.raises(CannotRestore, match="lies in the installation"):
        restore_into(archived, RestorePlan(parse_target("latest"), archived.home / inner))


def test_a_killed_restore_is_begun_anew_and_said_so(
    archived: Settings, history: History, into: Path
) -> None:
    words = ["restore", "--to", f"xid:{history.drop.xid}", "--before", "--into", str(into)]
    command = [sys.executable, "-P", "-m", "howdah.entrypoints.cli", *words]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as first:
        folder = RestoreFolder(into)
        deadline = time.monotonic() + 60
        while (note := read_note(folder)) is None or note.state != RESTORING:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        first.send_signal(signal.SIGKILL)
    second = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False)
    assert second.returncode == 0, second.stderr
    assert "was left unfinished here" in second.stderr
    assert json.loads(second.stdout)["last"]["xid"] == history.last_marker
    third = subprocess.run(command, capture_output=True, text=True, check=False)
    assert third.returncode == 1
    assert "--again" in third.stderr


def test_a_hole_is_named_and_what_lies_before_it_can_be_restored(
    archived: Settings, history: History, folder: Path, into: Path
) -> None:
    copy = copied(archived, folder)
    number = Segment.named(backup_start(copy)).number
    hole = next(path for path in copy.segments() if segment_of(path).number > number + 1)
    hole.unlink()
    with pytest.raises(OutsideWindow, match=segment_of(hole).name()):
        restore_into(copy.settings, RestorePlan(parse_target("latest"), into))
    assert not into.exists()


def backup_start(copy: RepositoryCopy) -> str:
    return look_at_repository(copy.settings).backups[-1].wal_start


def segment_of(path: Path) -> Segment:
    return Segment.named(path.name.partition("-")[0])


def test_a_lost_installation_is_restored_from_its_repository_alone(
    repository: RepositoryCopy, history: History, into: Path
) -> None:
    assert not list(repository.settings.layout.data.iterdir())
    found = restore_into(repository.settings, RestorePlan(parse_target("latest"), into, start=True))
    assert rows(found, "later") == LATER
    assert isinstance(found.reached_at, datetime)
    assert into.stat().st_mode & 0o777 == 0o700
