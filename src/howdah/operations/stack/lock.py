"""One change to a stack at a time."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from howdah.foundation.layout import Layout


@contextmanager
def stack_lock(layout: Layout) -> Iterator[None]:
    """Wait for another `up`, `down`, `restart` or `reset` of this home, then keep others waiting.

    The lock goes with the process, however it ends.
    """
    layout.run.mkdir(parents=True, exist_ok=True)
    with (layout.run / "change.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
