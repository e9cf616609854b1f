from datetime import UTC, datetime, timedelta

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from howdah.entrypoints.jobs.lanes import DEFAULT, LANES, OPS
from howdah.entrypoints.jobs.ops_tasks import OPS_TASKS
from howdah.entrypoints.jobs.tasks import TASKS
from howdah.entrypoints.schedule.duties import DUTIES
from howdah.entrypoints.schedule.moments import (
    MOST_MISSED,
    CatchUp,
    Entry,
    due_moments,
    next_moment,
)
from howdah.entrypoints.schedule.table import BACKUPS, TABLE, table_of
from howdah.foundation.topology import Backup, Topology

TIMES = st.datetimes(
    datetime(2024, 1, 1),
    datetime(2027, 12, 31),
    timezones=st.just(UTC),
)
FREQUENT = st.tuples(
    st.sampled_from(["* * * * *", "*/30 * * * * *", "15 * * * * *", "*/7 * * * * *"]),
    st.timedeltas(timedelta(0), timedelta(hours=2)),
)
RARE = st.tuples(
    st.sampled_from(["15 3 * * *", "20 0 * * *", "0 12 1 * *", "0 9 * * mon"]),
    st.timedeltas(timedelta(0), timedelta(days=200)),
)
CASES = FREQUENT | RARE
"""A cron expression, and for how long nobody looked."""
at_any_speed = settings(deadline=None)


def entry(cron: str, catch_up: CatchUp) -> Entry:
    return Entry("test", cron, "test", catch_up)


@at_any_speed
@given(CASES, TIMES)
def test_due_moments_lie_after_the_last_run_and_not_in_the_future(
    case: tuple[str, timedelta], last: datetime
) -> None:
    cron, pause = case
    moments = due_moments(entry(cron, CatchUp.ALL), last, last + pause)
    assert all(last < moment <= last + pause for moment in moments)
    assert moments == sorted(set(moments))
    assert all(croniter.match(cron, moment, second_at_beginning=True) for moment in moments)


@at_any_speed
@given(CASES, TIMES)
def test_no_moment_is_skipped(case: tuple[str, timedelta], last: datetime) -> None:
    cron, pause = case
    moments = due_moments(entry(cron, CatchUp.ALL), last, last + pause)
    expected, moment = [], next_moment(entry(cron, CatchUp.ALL), last)
    while moment <= last + pause:
        expected.append(moment)
        moment = next_moment(entry(cron, CatchUp.ALL), moment)
    assert moments == expected[-MOST_MISSED:]


@at_any_speed
@given(CASES, TIMES, st.floats(0, 1))
def test_looking_twice_finds_the_same_moments_as_looking_once(
    case: tuple[str, timedelta], last: datetime, part: float
) -> None:
    cron, pause = case
    every = entry(cron, CatchUp.ALL)
    middle, now = last + pause * part, last + pause
    first = due_moments(every, last, middle)
    second = due_moments(every, first[-1] if first else last, now)
    assert (first + second)[-MOST_MISSED:] == due_moments(every, last, now)


@at_any_speed
@given(CASES, TIMES)
def test_the_latest_policy_runs_the_last_missed_moment_only(
    case: tuple[str, timedelta], last: datetime
) -> None:
    cron, pause = case
    every = due_moments(entry(cron, CatchUp.ALL), last, last + pause)
    assert due_moments(entry(cron, CatchUp.LATEST), last, last + pause) == every[-1:]


@at_any_speed
@given(CASES, TIMES)
def test_a_clock_that_went_back_makes_nothing_due(
    case: tuple[str, timedelta], last: datetime
) -> None:
    cron, pause = case
    assert due_moments(entry(cron, CatchUp.ALL), last, last - pause) == []


def test_a_moment_is_due_the_second_it_comes() -> None:
    moment = datetime(2026, 3, 1, 3, 15, tzinfo=UTC)
    nightly = entry("15 3 * * *", CatchUp.LATEST)
    assert due_moments(nightly, moment - timedelta(hours=1), moment) == [moment]
    assert due_moments(nightly, moment, moment + timedelta(hours=23)) == []


@pytest.mark.parametrize("row", [*TABLE, *BACKUPS], ids=lambda row: row.name)
def test_every_entry_of_the_table_can_be_carried_out(row: Entry) -> None:
    assert croniter.is_valid(row.cron, second_at_beginning=True)
    assert row.queue in LANES
    tasks = {DEFAULT.queue: TASKS, OPS.queue: OPS_TASKS}[row.queue]
    assert row.task in (tasks if row.queued else DUTIES)


def test_names_of_the_table_are_unique() -> None:
    rows = [*TABLE, *BACKUPS]
    assert len({row.name for row in rows}) == len(rows)


def test_backups_are_scheduled_only_where_there_are_any() -> None:
    assert table_of(Topology(backup=Backup(enabled=False))) == TABLE
    assert table_of(Topology(backup=Backup(enabled=True))) == TABLE + BACKUPS
