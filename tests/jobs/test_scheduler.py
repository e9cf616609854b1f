"""Every moment of recurring work is asked for once: none doubled, none skipped."""

import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from howdah.entrypoints.schedule.duties import beat
from howdah.entrypoints.schedule.moments import CatchUp, Entry
from howdah.entrypoints.schedule.scheduler import Scheduler
from tests.jobs.background import Background, wait_until

EACH_SECOND = Entry("each second", "* * * * * *", "cleaning.clean_expired", CatchUp.ALL)
ONLY_LATEST = Entry("only latest", "* * * * * *", "cleaning.clean_expired", CatchUp.LATEST)


def turns(background: Background, entry: Entry, seconds: float) -> None:
    """One scheduler at work for a while, from its start to its end."""
    scheduler = Scheduler(background.database, (entry,))
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at:
        time.sleep(min(scheduler.turn(), max(0.0, ends_at - time.monotonic())))


def runs(background: Background, entry: Entry) -> list[datetime]:
    """The recorded moments, oldest first; each must have exactly one message."""
    rows = background.admin.execute(
        "SELECT scheduled_for FROM cron_runs WHERE job = %s ORDER BY 1", (entry.name,)
    ).fetchall()
    messages = background.admin.execute(
        "SELECT (arguments ->> 'scheduled_for')::timestamptz FROM outbox ORDER BY 1"
    ).fetchall()
    assert messages == rows
    return [row[0] for row in rows]


def gaps(moments: list[datetime]) -> set[timedelta]:
    """The distances between neighbours."""
    return {after - before for before, after in pairwise(moments)}


def passed(background: Background, entry: Entry, ago: timedelta) -> None:
    """The entry ran last so long ago."""
    background.admin.execute(
        "INSERT INTO cron_runs VALUES (%s, date_trunc('second', clock_timestamp() - %s))",
        (entry.name, ago),
    )
    background.admin.execute(
        "INSERT INTO outbox (task, arguments) SELECT %s,"
        " jsonb_build_object('scheduled_for', scheduled_for) FROM cron_runs",
        (entry.task,),
    )


def test_a_restart_neither_doubles_nor_skips_a_run(background: Background) -> None:
    turns(background, EACH_SECOND, 2.5)
    time.sleep(2.5)
    turns(background, EACH_SECOND, 2.5)
    moments = runs(background, EACH_SECOND)
    assert len(moments) >= 6
    assert gaps(moments) == {timedelta(seconds=1)}


def test_two_schedulers_at_once_neither_double_nor_skip_a_run(background: Background) -> None:
    both = [threading.Thread(target=turns, args=(background, EACH_SECOND, 4.5)) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    moments = runs(background, EACH_SECOND)
    assert len(moments) >= 4
    assert gaps(moments) == {timedelta(seconds=1)}


def test_after_a_long_pause_one_run_makes_up_for_all_where_that_is_enough(
    background: Background,
) -> None:
    passed(background, ONLY_LATEST, timedelta(minutes=5))
    Scheduler(background.database, (ONLY_LATEST,)).turn()
    moments = runs(background, ONLY_LATEST)
    assert len(moments) == 2
    assert moments[1] - moments[0] >= timedelta(minutes=5)


def test_what_never_ran_is_due_from_now_on(background: Background) -> None:
    entry = Entry("yearly", "0 0 1 1 *", "cleaning.clean_expired", CatchUp.ALL)
    Scheduler(background.database, (entry,)).turn()
    assert runs(background, entry) == []


def test_a_run_recorded_by_a_clock_that_was_ahead_does_not_silence_the_scheduler(
    background: Background,
) -> None:
    passed(background, ONLY_LATEST, timedelta(days=-365))
    passed_at = runs(background, ONLY_LATEST)[-1]
    scheduler = Scheduler(background.database, (ONLY_LATEST,))
    scheduler.turn()
    time.sleep(1.1)
    scheduler.turn()
    assert runs(background, ONLY_LATEST)[0] < passed_at


def test_the_scheduler_beats_and_asks_for_nothing_else_between_moments(
    background: Background,
) -> None:
    scheduler = background.start("scheduler")
    wait_until(lambda: scheduler.says("scheduler started"), "the scheduler starts")
    assert scheduler.stop() == 0
    assert not scheduler.lines("warning")
    assert background.waiting_messages() == 0


def test_a_heartbeat_is_one_row_that_is_renewed(background: Background) -> None:
    for _ in range(2):
        beat(background.database)
    (row,) = background.admin.execute("SELECT source, beaten_at FROM heartbeats").fetchall()
    assert row[0] == "scheduler"
    assert datetime.now(UTC) - row[1] < timedelta(seconds=30)
