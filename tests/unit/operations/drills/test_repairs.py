"""What a drill owes is on disk before it breaks anything (in a folder of the test's own)."""

from pathlib import Path

import pytest

from howdah.foundation.errors import CommandFailed, Conflict
from howdah.foundation.settings import Settings
from howdah.operations.drills import repairs
from howdah.operations.drills.repairs import MEND, REMOVE, START, THAW, Repair, Repairs

Performed = list[tuple[str, str]]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "run").mkdir()
    return Settings(tmp_path, None)


@pytest.fixture
def performed(monkeypatch: pytest.MonkeyPatch) -> Performed:
    """Repairs are noted instead of made; thawing `stuck` fails."""
    done: Performed = []

    def note(kind: str) -> object:
        def perform(_: Settings, target: str) -> None:
            if target == "stuck":
                raise CommandFailed("it does not move")
            done.append((kind, target))

        return perform

    kinds = (THAW, MEND, START, REMOVE)
    monkeypatch.setattr(repairs, "PERFORM", {kind: note(kind) for kind in kinds})
    return done


def test_what_is_owed_survives_the_process_that_owed_it(settings: Settings) -> None:
    Repairs(settings).owe(Repair(MEND, "a"), Repair(THAW, "postgres-a"))
    assert Repairs(settings).owed == [Repair(THAW, "postgres-a"), Repair(MEND, "a")]


def test_what_is_put_right_is_owed_no_more(settings: Settings, performed: Performed) -> None:
    mine = Repairs(settings)
    mine.owe(Repair(REMOVE, "drill-1"), Repair(START, "etcd-1"))
    assert mine.settle(START) == []
    assert mine.owed == [Repair(REMOVE, "drill-1")]
    assert mine.settle() == []
    assert mine.owed == []
    assert performed == [(START, "etcd-1"), (REMOVE, "drill-1")]


def test_a_repair_that_fails_is_said_and_stays_on_the_list(
    settings: Settings, performed: Performed
) -> None:
    mine = Repairs(settings)
    mine.owe(Repair(THAW, "stuck"), Repair(START, "etcd-1"))
    assert mine.settle() == ["could not continue stuck: it does not move"]
    assert mine.owed == [Repair(THAW, "stuck")]
    assert performed == [(START, "etcd-1")]


def test_a_second_drill_is_refused_while_one_is_under_way(settings: Settings) -> None:
    with (
        repairs.only_drill(settings.layout),
        pytest.raises(Conflict, match="another drill"),
        repairs.only_drill(settings.layout),
    ):
        pass


def test_nobody_heals_what_a_drill_under_way_has_broken(
    settings: Settings, performed: Performed
) -> None:
    Repairs(settings).owe(Repair(THAW, "postgres-a"))
    with repairs.only_drill(settings.layout):
        assert repairs.heal_leftovers(settings) == []
    assert Repairs(settings).owed
    assert repairs.heal_leftovers(settings) == []
    assert performed == [(THAW, "postgres-a")]
    assert Repairs(settings).owed == []


def test_every_kind_of_repair_has_its_words_its_place_and_its_deed() -> None:
    assert set(repairs.WORDS) == set(repairs.PERFORM) == set(repairs.ORDER)
    assert set(repairs.HELD) < set(repairs.ORDER)
