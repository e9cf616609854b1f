"""What the application's worker does with every message."""

import logging
from typing import Any

from howdah.entrypoints.jobs.sharing import shared
from howdah.entrypoints.jobs.tasks import TASKS
from howdah.foundation.errors import NotFound
from howdah.foundation.queue.patience import patiently

LOG = logging.getLogger("howdah.jobs")


def run(task: str, arguments: dict[str, Any]) -> None:
    """Run a task by its name, again while the database is away for a moment.

    Raises NotFound for a name that no task has, and what the task raises.
    """
    function = TASKS.get(task)
    if function is None:
        raise NotFound(
            f"There is no task {task!r}.", hint="The message comes from another version of Howdah."
        )
    context = shared()
    patiently(
        lambda: function(context, arguments),
        what=f"the task {task} cannot run",
        stopping=context.stopping,
    )
    LOG.info("task done", extra={"task": task})
