from datetime import UTC, datetime, timedelta

import pytest

from howdah.entrypoints.jobs.messages import MessageRefused
from howdah.entrypoints.jobs.ops_tasks import SOONEST, asked_at, is_due, is_test_due
from howdah.operations.backups.listing import Backup

TWO = datetime(2026, 11, 22, 2, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def backup(begun: datetime, kind: str = "full") -> Backup:
    return Backup(
        label="20261122-020000F",
        kind=kind,
        begun=begun,
        ended=begun + MINUTE,
        database_bytes=1,
        repository_bytes=1,
        wal_start="000000010000000000000002",
        wal_stop="000000010000000000000002",
        lsn_start="0/2000028",
        lsn_stop="0/2000138",
        damaged=False,
    )


def test_the_first_backup_is_due() -> None:
    assert is_due([], TWO, TWO + MINUTE)


def test_todays_backup_is_due_after_yesterdays() -> None:
    assert is_due([backup(TWO - DAY)], TWO, TWO + MINUTE)


def test_a_message_that_comes_twice_takes_one_backup() -> None:
    assert not is_due([backup(TWO - DAY), backup(TWO + MINUTE)], TWO, TWO + 2 * MINUTE)


def test_messages_of_a_week_without_a_worker_take_one_backup() -> None:
    now = TWO + 8 * MINUTE
    taken = [backup(now - MINUTE)]
    assert [is_due(taken, TWO - days * DAY, now) for days in range(7)] == [False] * 7


def test_an_incremental_backup_is_not_the_daily_one() -> None:
    assert is_due([backup(TWO + MINUTE, "incremental")], TWO, TWO + 2 * MINUTE)


def test_whoever_writes_many_messages_gets_no_more_than_a_backup_an_hour() -> None:
    taken, now = [backup(TWO)], TWO
    while now < TWO + DAY:
        now += MINUTE
        if is_due(taken, asked_at({"scheduled_for": now.isoformat()}, now), now):
            taken.append(backup(now))
    assert len(taken) <= DAY / SOONEST + 1


def test_a_backup_by_a_clock_that_was_ahead_does_not_keep_others_from_being_taken() -> None:
    assert is_due([backup(TWO + 86 * DAY)], TWO, TWO + MINUTE)


def test_a_moment_that_lies_ahead_is_now() -> None:
    assert asked_at({"scheduled_for": "2030-01-01T02:00:00+00:00"}, TWO) == TWO
    assert asked_at({"scheduled_for": "2026-11-22T03:00:00+02:00"}, TWO) == TWO - 60 * MINUTE


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"scheduled_for": "tomorrow"},
        {"scheduled_for": "2026-11-22T02:00:00"},
        {"scheduled_for": 7},
        {"scheduled_for": TWO.isoformat(), "kind": "full"},
    ],
)
def test_arguments_that_the_schedule_does_not_write_are_refused(arguments: dict[str, str]) -> None:
    with pytest.raises(MessageRefused):
        asked_at(arguments, TWO)


def test_a_restore_test_is_done_once_for_its_month_and_not_twice_a_day() -> None:
    assert is_test_due([], TWO, TWO)
    assert is_test_due([TWO - 30 * DAY], TWO, TWO)
    assert not is_test_due([TWO + MINUTE], TWO, TWO + 2 * DAY)
    assert not is_test_due([TWO], TWO + 60 * MINUTE, TWO + 60 * MINUTE)
    assert is_test_due([TWO + 86 * DAY], TWO, TWO)
