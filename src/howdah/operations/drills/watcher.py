"""Watches the stack while something breaks, and writes every change into the timeline."""

import time
from collections.abc import Callable
from threading import Event, Thread

from howdah.foundation.errors import CommandFailed, HowdahError
from howdah.foundation.settings import Settings
from howdah.operations.cluster.patroni import cluster_view
from howdah.operations.cluster.views import ClusterView
from howdah.operations.drills.timeline import Timeline
from howdah.operations.drills.wholeness import lacking, missing

PAUSE_SECONDS = 0.4
STEADY_SECONDS = 1.0


class Watcher:
    """One thread that looks at the stack; `with` starts and stops it.

    `view` is of the cluster; a single server has none. `whole_at` is since when nothing has been
    missing, None while something is; `looked_at` when the last look began.
    """

    def __init__(self, settings: Settings, timeline: Timeline):
        self.view: ClusterView | None = None
        self.problems: list[str] = ["nobody has looked yet"]
        self.whole_at: float | None = None
        self.looked_at = 0.0
        self._settings = settings
        self._timeline = timeline
        self._stop = Event()
        self._thread = Thread(target=self._work, daemon=True)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(timeout=15)

    def whole_since(self, moment: float) -> float | None:
        """Since when it has been whole, at that moment the earliest; None when it is not.

        Only after several looks in a row: right after a fault some sources still say what was.
        """
        if self.whole_at is None:
            return None
        since = max(self.whole_at, moment)
        return since if self.looked_at - since >= STEADY_SECONDS else None

    def wait_for(
        self, fulfilled: Callable[[ClusterView], bool], what: str, patience_seconds: float
    ) -> float:
        """Wait until a view is as wanted; returns the moment. Raises CommandFailed."""
        deadline = time.monotonic() + patience_seconds
        while time.monotonic() < deadline:
            if self.view is not None and fulfilled(self.view):
                return time.monotonic()
            time.sleep(PAUSE_SECONDS / 4)
        raise CommandFailed(f"{what} did not happen within {patience_seconds:g} s")

    def _work(self) -> None:
        while not self._stop.is_set():
            begun = time.monotonic()
            try:
                if self._settings.topology.clustered:
                    self._look(cluster_view(self._settings))
                else:
                    self._note_problems(lacking(self._settings))
            except HowdahError as failure:
                self._note_problems([failure.message])
            self.looked_at = begun
            self._stop.wait(PAUSE_SECONDS)

    def _look(self, view: ClusterView) -> None:
        before, self.view = self.view, view
        if before is not None:
            for change in changes(before, view):
                self._timeline.note(change)
        self._note_problems(missing(view, self._settings.topology))

    def _note_problems(self, problems: list[str]) -> None:
        self.problems = problems
        if problems:
            self.whole_at = None
        elif self.whole_at is None:
            self.whole_at = time.monotonic()


def changes(before: ClusterView, after: ClusterView) -> list[str]:
    """What is different, in words. Pure."""
    found = []
    if before.leader != after.leader:
        leading = f"{after.leader} leads" if after.leader else "nobody leads"
        found.append(f"{leading} (timeline {after.timeline})" if after.leader else leading)
    if before.sync_standby != after.sync_standby:
        found.append(f"synchronous standby: {after.sync_standby or 'none'}")
    if before.without_etcd != after.without_etcd:
        found.append("goes on without etcd" if after.without_etcd else "etcd is back")
    for member in after.members:
        earlier = before.member(member.name)
        if earlier is None or earlier.state != member.state:
            found.append(f"{member.name}: {member.state}")
        elif earlier.streaming != member.streaming and member.name != after.leader:
            found.append(f"{member.name}: {member.replication or 'not streaming'}")
    return found
