"""A restore in place: exact, whole again by itself, and continued or taken back when cut short."""

import shutil
from pathlib import Path

import pytest

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.postmaster import postmaster_of
from howdah.foundation.settings import Settings
from howdah.operations.backups.check import check_backups
from howdah.operations.backups.listing import Backup
from howdah.operations.cluster.reporting import silent
from howdah.operations.recovery import restoring, staging
from howdah.operations.recovery.checks import Findings
from howdah.operations.recovery.choices import RESTORE, Choice
from howdah.operations.recovery.guide import NotVerified
from howdah.operations.recovery.in_place import restore_in_place
from howdah.operations.recovery.journal import Journal
from howdah.operations.recovery.local import LocalProvider
from howdah.operations.recovery.places import Place
from howdah.operations.recovery.staging import Plan
from howdah.operations.recovery.standalone import Standalone
from howdah.operations.stack.progress import Silent
from tests.backups.copies import flip
from tests.backups.recovering import (
    archived_until_now,
    howdah,
    killed_when,
    mark,
    marks,
    pids,
    recorded,
    set_aside,
    timeline,
)


@pytest.fixture(autouse=True)
def nothing_left(archived: Settings, backup: Backup) -> object:
    """What was set aside is deleted, as an operator would."""
    yield
    for folder in set_aside(archived):
        shutil.rmtree(folder)


class Agrees:
    """Nobody has to be asked."""

    def choose(self, assessment: object) -> Choice:
        raise AssertionError(assessment)

    def consent(self, sentences: tuple[str, ...]) -> None:
        assert any(line.startswith("interrupts") for line in sentences)
        assert any(line.startswith("loses") for line in sentences)


def test_it_goes_back_to_the_moment_and_everything_serves_again(archived: Settings) -> None:
    moment = mark(archived, "in_place", 1)
    mark(archived, "in_place", 2)
    before, old = pids(archived), timeline(archived)
    record = recorded("restore", "--in-place", "--to", moment.isoformat(), "--yes")
    assert marks(archived, "in_place") == [1]
    assert timeline(archived) == old + 1
    assert record["outcome"] == "recovered"
    assert [Path(record["notes"]["aside"])] == set_aside(archived)
    after = pids(archived)
    assert {name: after[name] for name in ("pgbouncer", "redis")} == {
        name: before[name] for name in ("pgbouncer", "redis")
    }
    assert after.keys() == before.keys()
    mark(archived, "in_place", 3)
    archived_until_now(archived)
    assert {item.kind for item in check_backups(archived).problems} <= {"backup"}


def test_killed_again_and_again_it_goes_on_and_nothing_is_lost(archived: Settings) -> None:
    moment = mark(archived, "killed", 1)
    mark(archived, "killed", 2)
    old = timeline(archived)
    command = ("restore", "--in-place", "--to", moment.isoformat(), "--yes")
    for note in ("held_at", "restored_seconds", "exchanging", "aside", "promoted", "handed_over"):
        killed_when(archived, lambda found, note=note: note in found, *command)
        if note in ("exchanging", "aside"):
            refused = howdah("up")
            assert refused.returncode == 1
            assert "nothing is started" in refused.stderr
    recorded(*command)
    assert marks(archived, "killed") == [1]
    assert timeline(archived) > old


def test_one_that_was_cut_short_is_taken_back(archived: Settings) -> None:
    moment = mark(archived, "taken_back", 1)
    mark(archived, "taken_back", 2)
    command = ("restore", "--in-place", "--to", moment.isoformat(), "--yes")
    killed_when(archived, lambda found: "restored_seconds" in found, *command)
    assert howdah("recover", "--give-up").returncode == 0
    assert marks(archived, "taken_back") == [1, 2]
    assert set_aside(archived) == []
    assert howdah("recover", "status").returncode == 0


class Damaging(LocalProvider):
    """Damages a page of what was restored before it is looked at."""

    def verify(self, choice: Choice, journal: Journal) -> Findings:
        folder = self._settings.layout.postgresql_data
        damage(folder.with_name(f"{folder.name}.restored"))
        return super().verify(choice, journal)


def damage(data: Path) -> None:
    """A byte in the largest file of the largest database: only its checksum tells."""
    files = [item for item in data.glob("base/*/*") if item.name.isdigit()]
    flip(max(files, key=lambda item: (item.stat().st_size, item.name)))


def test_a_damaged_restore_is_thrown_away_and_traffic_stays(
    archived: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = mark(archived, "damaged", 1)
    mark(archived, "damaged", 2)
    monkeypatch.setattr("howdah.operations.recovery.in_place.LocalProvider", Damaging)
    server = postmaster_of(archived.layout.postgresql_data)
    choice = Choice(RESTORE, moment.isoformat())
    with pytest.raises(NotVerified, match=r"checksum"):
        restore_in_place(archived, choice, Agrees(), silent, Silent())
    assert marks(archived, "damaged") == [1, 2]
    assert postmaster_of(archived.layout.postgresql_data) == server
    assert not list(archived.layout.data.glob("*.restored"))


def test_a_server_that_ended_in_its_promotion_is_not_trusted(
    archived: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL forgets its target a moment before it has a timeline of its own."""
    moment = mark(archived, "half_promoted", 1)
    mark(archived, "half_promoted", 2)
    old, real = timeline(archived), restoring.promote

    def cut_short(settings: Settings, place: Place, plan: Plan) -> Standalone:
        monkeypatch.setattr(restoring, "promote", real)
        for signal in place.live.glob("*.signal"):
            signal.unlink()
        return real(settings, place, plan)

    monkeypatch.setattr(restoring, "promote", cut_short)
    choice = Choice(RESTORE, moment.isoformat(), hold=True)
    said: list[str] = []
    restore_in_place(archived, choice, Agrees(), said.append, Silent())
    assert any("it is restored once more" in line for line in said)
    assert marks(archived, "half_promoted") == [1]
    assert timeline(archived) > old


def test_outside_of_the_window_nothing_is_stopped(archived: Settings) -> None:
    before = pids(archived)
    refused = howdah("restore", "--in-place", "--to", "2020-01-01 00:00:00Z", "--yes")
    assert refused.returncode == 2
    assert "what can be restored" in refused.stderr
    assert pids(archived) == before


def test_without_room_nothing_is_stopped(
    archived: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = pids(archived)
    monkeypatch.setattr(staging, "WAL_MARGIN_BYTES", 1 << 60)
    moment = mark(archived, "no_room", 1)
    mark(archived, "no_room", 2)
    with pytest.raises(CommandFailed, match=r"free, and the restore needs"):
        restore_in_place(
            archived, Choice(RESTORE, moment.isoformat(), hold=True), Agrees(), silent, Silent()
        )
    assert pids(archived) == before


def test_nobody_to_ask_means_no(archived: Settings) -> None:
    before = pids(archived)
    refused = howdah("restore", "--in-place", "--to", "latest")
    assert refused.returncode == 2
    assert "nobody is there to ask" in refused.stderr
    assert pids(archived) == before
