"""RQ's worker as ours use it: one long-lived process that runs one task after the other.

RQ's SimpleWorker, where its usual worker forks for each task:
- A fork would inherit connection pools whose threads do not exist in the child, so each task would
  open its own pool: measured, 14 ms for a task of one query, against 1.3 ms.
- What a fork protects from is protected otherwise. Strangers' files are converted in a process of
  their own (foundation/queue/isolation.py). A task that takes the worker down all the same is
  begun again by the next one, three times at most (`jobs` rows by the sweeper, messages of the
  queue `ops` by its worker).
- Leaks are bounded by ending after TASKS_PER_PROCESS; the supervisor starts afresh.
"""

import logging
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

from redis import Redis, RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job

from howdah.entrypoints.jobs.messages import Message
from howdah.foundation.queue.connection import SERIALIZER
from howdah.foundation.queue.patience import Outage

LOG = logging.getLogger("howdah.worker")
TASKS_PER_PROCESS = 2000
WAIT_FOR_TASK_SECONDS = 1


class TaskWorker(SimpleWorker):
    """SimpleWorker that can be stopped at any moment without dropping what it has just taken.

    RQ's own signal handler raises in the middle of whatever runs: between taking a message and
    running it, that loses the message. Here the signal only sets an event. Waiting for a message
    is cut into seconds so that the event is seen, and a running task asks for it itself.
    """

    log_result_lifespan = False

    def __init__(
        self,
        messages: type[Message],
        redis: Redis,
        stopping: threading.Event,
        on_listening: Callable[[], None] = lambda: None,
    ):
        super().__init__(
            [messages.lane.queue],
            connection=redis,
            serializer=SERIALIZER,
            job_class=messages,
            log_job_description=False,
        )
        self.messages = messages
        self.executed = 0
        self._stopping = stopping
        self._on_listening = on_listening

    @property
    def connection_timeout(self) -> int:
        return WAIT_FOR_TASK_SECONDS + 5

    def request_stop(self, signum: int, frame: FrameType | None) -> None:
        self._stopping.set()

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        while not self._stopping.is_set():
            taken = super().dequeue_job_and_maintain_ttl(
                WAIT_FOR_TASK_SECONDS, max_idle_time=WAIT_FOR_TASK_SECONDS
            )
            self._on_listening()
            if taken is not None:
                return taken
        raise StopRequested

    def execute_job(self, job: Job, queue: Queue) -> None:
        self.executed += 1
        super().execute_job(job, queue)

    def heartbeat(self, timeout: int | None = None, pipeline: Any = None) -> None:
        """RQ's loop would try for ever and say so each time; ours (`work`) says it once."""
        try:
            super().heartbeat(timeout, pipeline)
        except RedisError as failure:
            LOG.debug("no heartbeat: %s", failure)
            raise StopRequested from failure

    def subscribe(self) -> None:
        """Take no commands over Redis: signals and the job's row say what to do."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed to."""


MakeWorker = Callable[[Callable[[], None]], TaskWorker]
"""Given what to call whenever it listens."""


def work(make: MakeWorker, stopping: threading.Event) -> None:
    """Run tasks until asked to stop or for TASKS_PER_PROCESS; waits while Redis is away."""
    outage = Outage("the worker gets no tasks")
    executed = 0
    while not stopping.is_set() and executed < TASKS_PER_PROCESS:
        worker = None
        try:
            worker = make(outage.is_over)
            worker.work(logging_level=None, max_jobs=TASKS_PER_PROCESS - executed)
        except RedisError as failure:
            stopping.wait(outage.goes_on(failure))
        except StopRequested:
            LOG.debug("stopped before it listened")
        executed += worker.executed if worker else 0
