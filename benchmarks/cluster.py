"""A whole cluster of the benchmarks' own: brought up for one program, deleted afterwards."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from benchmarks.workspace import Workspace, elsewhere
from howdah.foundation.settings import load_settings
from howdah.operations.drills.wholeness import wait_until_whole

PORT_DISTANCE = 400
WHOLE_WITHIN_SECONDS = 60.0
ROUNDS = 5
"""What is promised of the cluster is promised for the median and the worst of five."""


@contextmanager
def running_cluster(workspace: Workspace) -> Iterator[Workspace]:
    """The workspace with a running stack of the profile full."""
    own = elsewhere(workspace, "cluster", PORT_DISTANCE)
    environ = {**own.environ, "HOWDAH_PROFILE": "full"}
    own = replace(own, settings=load_settings(environ), environ=environ)
    try:
        _delete(own)
        own.say("starting a cluster")
        own.howdah("up", "--profile", "full")
        wait_until_whole(own.settings, WHOLE_WITHIN_SECONDS)
        yield own
    finally:
        _delete(own)


def rounds_of(workspace: Workspace) -> int:
    """Five, or fewer when fewer were asked for; then nothing is judged."""
    return max(1, min(workspace.rounds, ROUNDS))


def _delete(own: Workspace) -> None:
    if own.settings.home.exists():
        own.howdah("reset", "--yes")
    shutil.rmtree(own.settings.home, ignore_errors=True)
