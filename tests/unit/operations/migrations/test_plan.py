from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from howdah.foundation.errors import InvalidInput
from howdah.operations.migrations.files import parse_migration
from howdah.operations.migrations.plan import (
    MigrationsDisagree,
    plan_down,
    plan_up,
    unknown_versions,
)

TEXT = "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;\n"
FIVE = tuple(parse_migration(Path(f"00{n}_step.sql"), TEXT) for n in range(1, 6))


def versions_up(applied: set[str], to: str | None = None) -> list[str]:
    return [item.version for item in plan_up(FIVE, applied, to)]


def versions_down(applied: set[str], steps: int = 1, to: str | None = None) -> list[str]:
    return [item.version for item in plan_down(FIVE, sorted(applied), steps=steps, to=to)]


def test_up_runs_what_is_pending_oldest_first() -> None:
    assert versions_up({"001", "002"}) == ["003", "004", "005"]


@pytest.mark.parametrize("to", ["3", "003", "003_step"])
def test_up_stops_after_the_version_asked_for(to: str) -> None:
    assert versions_up({"001"}, to) == ["002", "003"]


def test_up_refuses_to_run_behind_what_has_run() -> None:
    with pytest.raises(MigrationsDisagree, match=r"002_step\.sql has not run, but 003 after it"):
        versions_up({"001", "003"})


def test_up_leaves_a_database_alone_that_is_ahead_of_the_files() -> None:
    assert versions_up({"001", "002", "003", "004", "005", "006"}) == []


def test_down_takes_back_the_newest_first() -> None:
    assert versions_down({"001", "002", "003"}, steps=2) == ["003", "002"]


def test_down_keeps_the_version_asked_for() -> None:
    assert versions_down({"001", "002", "003"}, to="1") == ["003", "002"]


def test_down_to_zero_takes_everything_back() -> None:
    assert versions_down({"001", "002"}, to="000") == ["002", "001"]


def test_down_refuses_when_a_version_has_no_file() -> None:
    with pytest.raises(MigrationsDisagree, match="006, which this version has no file for"):
        versions_down({"001", "006"})


@pytest.mark.parametrize("to", ["9", "nonsense", "002_other"])
def test_a_version_that_does_not_exist_is_refused(to: str) -> None:
    for plan in (versions_up, versions_down):
        with pytest.raises(InvalidInput, match=f"no migration {to}"):
            plan({"001"}, to=to)


def test_less_than_one_step_is_refused() -> None:
    with pytest.raises(InvalidInput, match="0 steps"):
        versions_down({"001"}, steps=0)


def test_a_version_in_the_ledger_without_a_file_is_named() -> None:
    assert unknown_versions(FIVE, {"001", "006", "007"}) == ("006", "007")


@given(st.integers(0, 5), st.integers(0, 5))
def test_down_undoes_exactly_what_up_did(start: int, end: int) -> None:
    before = {item.version for item in FIVE[:start]}
    ran = versions_up(before, FIVE[end - 1].version) if end else []
    taken_back = versions_down(before | set(ran), to=f"{start:03d}")
    assert taken_back == ran[::-1]


def test_what_ran_out_of_order_is_taken_back_before_what_ran_before_it() -> None:
    ran = ["001", "003", "004", "002"]
    plan = plan_down(FIVE, ran, to="3")
    assert [item.version for item in plan] == ["002", "004"]
    assert [item.version for item in plan_down(FIVE, ran, steps=2)] == ["002", "004"]


def test_out_of_order_is_possible_when_asked_for() -> None:
    plan = plan_up(FIVE, {"001", "003"}, "4", out_of_order=True)
    assert [item.version for item in plan] == ["002", "004"]


def test_order_is_by_number_past_a_thousand() -> None:
    files = tuple(parse_migration(Path(f"{n:03d}_step.sql"), TEXT) for n in (999, 1000, 1001))
    assert [item.version for item in plan_up(files, {"999", "1000"})] == ["1001"]
