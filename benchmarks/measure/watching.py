"""How many connections PostgreSQL had, at most, while something ran."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from benchmarks.measure.pooler import console, server_connections
from benchmarks.workspace import Workspace

SAMPLE_SECONDS = 0.2


class Watched:
    """The most connections seen while somebody watched."""

    def __init__(self) -> None:
        self.pooler = 0
        self.postgresql = 0
        self.samples = 0

    @property
    def most(self) -> int:
        return max(self.pooler, self.postgresql)


@contextmanager
def watching(workspace: Workspace) -> Iterator[Watched]:
    """Counts the application's server connections in the background."""
    watched, stop = Watched(), threading.Event()
    thread = threading.Thread(target=_watch, args=(workspace, watched, stop))
    thread.start()
    try:
        yield watched
    finally:
        stop.set()
        thread.join()


def _watch(workspace: Workspace, watched: Watched, stop: threading.Event) -> None:
    database = workspace.settings.topology.purposes["primary"]
    with console(workspace) as pooler, workspace.connect() as postgresql:
        while not stop.is_set():
            watched.pooler = max(watched.pooler, server_connections(pooler, database))
            row = postgresql.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE usename IN ('app_write', 'app_read')"
            ).fetchone()
            watched.postgresql = max(watched.postgresql, row[0] if row else 0)
            watched.samples += 1
            time.sleep(SAMPLE_SECONDS)
