"""The relay process: `python -m howdah.entrypoints.jobs.relay`.

Asks for messages at once while there are any, then less and less often. PostgreSQL or Redis being
away is said once, and nothing is lost: messages wait in the outbox.
"""

import logging

from redis import RedisError

from howdah.entrypoints.jobs.lanes import LANES
from howdah.foundation.database import Database
from howdah.foundation.errors import HowdahError
from howdah.foundation.logs import configure_logs
from howdah.foundation.queue.connection import connect_redis
from howdah.foundation.queue.patience import Outage
from howdah.foundation.queue.relay import Handover, relay_once
from howdah.foundation.queue.stopping import stop_on_signals
from howdah.foundation.settings import load_settings

LOG = logging.getLogger("howdah.relay")
BUSY_PAUSE_SECONDS = 0.25
IDLE_PAUSE_SECONDS = 1.0


class Relay:
    """Turns one after the other; each says how long to wait for the next."""

    def __init__(self, database: Database, handover: Handover):
        self._database = database
        self._handover = handover
        self._outage = Outage("messages are not relayed")
        self._idle_seconds = BUSY_PAUSE_SECONDS

    def turn(self) -> float:
        """Relay what waits. Returns the seconds until the next turn."""
        try:
            relayed = relay_once(self._database, self._handover)
        except RedisError as failure:
            return self._outage.goes_on(failure)
        except HowdahError as failure:
            if not failure.retryable:
                raise
            return self._outage.goes_on(failure)
        self._outage.is_over()
        if relayed:
            LOG.info("messages relayed", extra={"messages": relayed})
            self._idle_seconds = BUSY_PAUSE_SECONDS
            return 0.0
        pause = self._idle_seconds
        self._idle_seconds = min(pause * 1.25, IDLE_PAUSE_SECONDS)
        return pause


def main() -> None:
    """Relay until SIGTERM."""
    configure_logs("relay")
    stopping = stop_on_signals()
    settings = load_settings()
    database = Database.open(settings, size=1, application_name="howdah relay")
    relay = Relay(database, Handover(connect_redis(settings), LANES))
    LOG.info("relay started")
    while not stopping.wait(relay.turn()):
        pass
    database.close()
    LOG.info("relay stopped")


if __name__ == "__main__":
    main()
