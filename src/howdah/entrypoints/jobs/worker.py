"""The worker process of the application: `python -m howdah.entrypoints.jobs.worker`."""

import logging
from typing import Any

from howdah.entrypoints.jobs import lanes
from howdah.entrypoints.jobs.messages import Message
from howdah.entrypoints.jobs.run import run
from howdah.entrypoints.jobs.sharing import Shared, share
from howdah.entrypoints.jobs.task_worker import TaskWorker, work
from howdah.foundation.database import Database
from howdah.foundation.logs import configure_logs
from howdah.foundation.queue.connection import connect_redis
from howdah.foundation.queue.stopping import stop_on_signals
from howdah.foundation.settings import load_settings

LOG = logging.getLogger("howdah.worker")
CONNECTIONS = 4


class ProductMessage(Message):
    """What the application asks for."""

    lane = lanes.DEFAULT

    def run_task(self, task: str, arguments: dict[str, Any]) -> None:
        run(task, arguments)


def main() -> None:
    """Work until SIGTERM; a running job is finished or handed back."""
    configure_logs("worker")
    stopping = stop_on_signals()
    settings = load_settings()
    database = Database.open(settings, size=CONNECTIONS, application_name="howdah worker")
    share(Shared(database, stopping.is_set))
    redis = connect_redis(settings)
    LOG.info("worker started")
    work(lambda listening: TaskWorker(ProductMessage, redis, stopping, listening), stopping)
    database.close()
    LOG.info("worker stopped" if stopping.is_set() else "worker ends, to be started afresh")


if __name__ == "__main__":
    main()
