"""The scheduler process: `python -m howdah.entrypoints.schedule`."""

import logging

from howdah.entrypoints.schedule.scheduler import Scheduler
from howdah.entrypoints.schedule.table import table_of
from howdah.foundation.database import Database
from howdah.foundation.errors import HowdahError
from howdah.foundation.logs import configure_logs
from howdah.foundation.queue.patience import Outage
from howdah.foundation.queue.stopping import stop_on_signals
from howdah.foundation.settings import load_settings

LOG = logging.getLogger("howdah.scheduler")


def main() -> None:
    """Schedule until SIGTERM."""
    configure_logs("scheduler")
    stopping = stop_on_signals()
    settings = load_settings()
    database = Database.open(settings, size=1, application_name="howdah scheduler")
    scheduler = Scheduler(database, table_of(settings.topology))
    outage = Outage("nothing is scheduled")
    LOG.info("scheduler started")
    while not stopping.is_set():
        stopping.wait(_turn(scheduler, outage))
    database.close()
    LOG.info("scheduler stopped")


def _turn(scheduler: Scheduler, outage: Outage) -> float:
    try:
        pause_seconds = scheduler.turn()
    except HowdahError as failure:
        if not failure.retryable:
            raise
        return outage.goes_on(failure)
    outage.is_over()
    return pause_seconds


if __name__ == "__main__":
    main()
