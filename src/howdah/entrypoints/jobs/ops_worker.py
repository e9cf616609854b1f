"""The ops worker: `python -m howdah.entrypoints.jobs.ops_worker`. It takes the backups.

A process apart from the application's worker, with a queue of its own, under PostgreSQL's account:
that account owns the backups and may connect as the role `backup`; the application's may do
neither. Run as another account it could only fail.

It looks after the archive by its own clock (ops_clock.py), not by messages. One a minute would pile
up while it is away, and whoever is woken at 3 a.m. needs the state of the archive most when the
queue, its relay or the scheduler do not work.
"""

import fcntl
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis import Redis

from howdah.entrypoints.jobs import lanes
from howdah.entrypoints.jobs.abandoned import attempts, push, queue_of, take_back
from howdah.entrypoints.jobs.messages import Message
from howdah.entrypoints.jobs.ops_clock import OpsClock
from howdah.entrypoints.jobs.ops_tasks import Operator, run
from howdah.entrypoints.jobs.task_worker import TaskWorker, work
from howdah.foundation.errors import HowdahError
from howdah.foundation.layout import Layout
from howdah.foundation.logs import configure_logs
from howdah.foundation.processes.parentage import end_children
from howdah.foundation.queue.connection import connect_redis
from howdah.foundation.queue.stopping import stop_on_signals
from howdah.foundation.settings import load_settings

LOG = logging.getLogger("howdah.ops")
LOCK_SECONDS = 0.5
"""How often it is tried again."""


def messages_for(operator: Operator) -> type[Message]:
    """The class of the messages of this lane, which run here."""

    class OpsMessage(Message):
        """What operations ask for."""

        lane = lanes.OPS

        def run_task(self, task: str, arguments: dict[str, Any]) -> None:
            try:
                run(operator, task, arguments)
            except HowdahError as failure:
                if not operator.stopping.is_set():
                    raise
                LOG.info("put down for the next worker: %s", failure, extra={"task": task})
                push(queue_of(self.connection, type(self)), self, attempts(self))

    return OpsMessage


class OpsWorker(TaskWorker):
    """TaskWorker that begins again what the one before it had begun."""

    def bootstrap(self, *arguments: Any, **options: Any) -> None:
        take_back(self.connection, self.messages)
        super().bootstrap(*arguments, **options)


def work_for(operator: Operator, redis: Redis) -> None:
    """Run tasks until asked to stop; what runs then is told to end, and is begun again later."""
    messages, stopping = messages_for(operator), operator.stopping
    with only_one(operator.settings.layout, stopping):
        clock = OpsClock(operator, queue_of(redis, messages))
        ending = threading.Thread(target=_end_children_when, args=[stopping], daemon=True)
        clock.start()
        ending.start()
        work(lambda listening: OpsWorker(messages, redis, stopping, listening), stopping)


def _end_children_when(stopping: threading.Event) -> None:
    """A backup may take hours; nobody waits for it to stop a stack."""
    stopping.wait()
    end_children()


@contextmanager
def only_one(layout: Layout, stopping: threading.Event) -> Iterator[None]:
    """Wait until no other ops worker of this home runs, however that one ends."""
    with (layout.backup_run / "ops-worker.lock").open("w") as file:
        while not stopping.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                stopping.wait(LOCK_SECONDS)
        yield


def main() -> None:
    """Work until SIGTERM."""
    configure_logs("ops-worker")
    stopping = stop_on_signals()
    settings = load_settings()
    LOG.info("ops worker started")
    work_for(Operator(settings, stopping), connect_redis(settings))
    LOG.info("ops worker stopped" if stopping.is_set() else "it ends, to be started afresh")


if __name__ == "__main__":
    main()
