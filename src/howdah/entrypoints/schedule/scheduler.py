"""Asking for recurring work at its moments: each once, none forgotten.

What ran last is read from the database at every turn and the moments since are taken with
howdah.take_cron_run, whose key lets only one scheduler have each, and which writes the message in
the same transaction. So a restart, a long pause, or a second scheduler neither doubles nor skips
a run. Times are the database's: hosts whose clocks disagree still agree on what is due.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from howdah.entrypoints.schedule.duties import DUTIES
from howdah.entrypoints.schedule.moments import Entry, due_moments, next_moment
from howdah.foundation.database import NOBODY, Database, Statement

LOG = logging.getLogger("howdah.scheduler")
LONGEST_SLEEP_SECONDS = 30.0

# Moments in the future are those of a clock that was wrong; they must not silence the scheduler.
LAST_RUNS = Statement(
    "cron_runs_last",
    """
    SELECT asked.name, clock_timestamp() AS now,
           (SELECT max(r.scheduled_for) FROM cron_runs r
            WHERE r.job = asked.name AND r.scheduled_for <= clock_timestamp()) AS last
    FROM unnest(%s::text[]) AS asked(name)
    """,
)
TAKE = Statement("cron_run_take", "SELECT howdah.take_cron_run(%s, %s, %s, %s) AS taken")


class Scheduler:
    """Turns one after the other; each says how long to sleep."""

    def __init__(self, database: Database, table: Sequence[Entry]):
        self._database = database
        self._table = table
        self._since: dict[str, datetime] = {}

    def turn(self) -> float:
        """Do and ask for what is due. Returns the seconds until something is due again.

        Raises Unavailable; the next turn makes up for it.
        """
        now, last_runs = self._last_runs()
        for entry in self._table:
            # Never run before: from now on. What passed before the installation is not missed.
            last = last_runs[entry.name] or self._since.setdefault(entry.name, now)
            moments = due_moments(entry, last, now)
            if entry.queued:
                for moment in moments:
                    self._take(entry, moment)
            elif moments:
                DUTIES[entry.task](self._database)
                self._since[entry.name] = now
        first = min(next_moment(entry, now) for entry in self._table)
        return min((first - now).total_seconds(), LONGEST_SLEEP_SECONDS)

    def _last_runs(self) -> tuple[datetime, dict[str, datetime | None]]:
        """The database's time, and when each entry ran last."""
        names = [entry.name for entry in self._table]
        with self._database.read(NOBODY) as queries:
            rows = queries.all(LAST_RUNS, (names,))
        return rows[0]["now"], {row["name"]: row["last"] for row in rows}

    def _take(self, entry: Entry, moment: datetime) -> None:
        with self._database.write(NOBODY) as transaction:
            taken = transaction.value(TAKE, (entry.name, moment, entry.queue, entry.task))
        if taken:
            LOG.info("asked for", extra={"entry": entry.name, "moment": moment.isoformat()})
