"""The drills of backups on a single server; each judges itself, and its evidence is looked at here.

Some take part in every run, all with `./howdah test --all`.
"""

import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.backups.check import check_backups
from howdah.operations.drills import DRILLS, Wishes, fits, heal_leftovers, run_drill
from howdah.operations.drills.damage import (
    ASIDE,
    close_repository,
    copy_folder,
    open_repository,
    repository_folder,
)
from howdah.operations.drills.loss import ASIDE_SUFFIX
from howdah.operations.drills.repairs import Repairs

FAST = ("point-in-time", "archive-gap", "bad-key")
IDLE = "instance-loss, idle"
KILLED = (
    ("archive-gap", "backup check"),
    ("instance-loss", "3 Recover"),
    ("instance-loss", "is primary on timeline"),
)
"""A drill, and what it has just said when it is killed; the first in every run."""
BROKEN = ("repository", "archive", "gaps", "primary")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`drill` stands for each drill that this run asks for."""
    if "drill" in metafunc.fixturenames:
        everything = metafunc.config.getoption("--all-drills")
        names = [drill.name for drill in DRILLS if "a cluster" not in drill.needs]
        chosen = [*names, IDLE] if everything else [name for name in names if name in FAST]
        metafunc.parametrize("drill", chosen)
    if "killed" in metafunc.fixturenames:
        everything = metafunc.config.getoption("--all-drills")
        metafunc.parametrize("killed", KILLED if everything else KILLED[:1], ids=": ".join)


@pytest.fixture(autouse=True)
def whole(archived: Settings) -> Iterator[None]:
    """Nothing is left of a drill: not in the repository, nor of copies, nor of what it owes."""
    yield
    assert heal_leftovers(archived) == []
    assert Repairs(archived).owed == []
    assert not copy_folder(archived).exists()
    assert not (repository_folder(archived) / ASIDE).exists()
    assert list(archived.layout.data.glob(f"*{ASIDE_SUFFIX}")) == []
    assert [item for item in check_backups(archived).problems if item.kind in BROKEN] == []


def test_the_archive_keeps_its_promises_when_something_breaks(
    archived: Settings, drill: str
) -> None:
    name, _, idle = drill.partition(", ")
    evidence = run_drill(archived, name, print, Wishes(idle=bool(idle)))
    assert evidence.passed, "\n".join(evidence.reasons)
    assert evidence.figures["acknowledged_writes"] > 0


def test_what_a_killed_drill_took_away_is_put_back(
    archived: Settings, killed: tuple[str, str]
) -> None:
    name, said = killed
    command = [sys.executable, "-m", "howdah.entrypoints.cli", "drill", "run", "--yes"]
    with subprocess.Popen(
        [*command, name], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as drill:
        assert drill.stderr is not None
        for line in drill.stderr:
            if said in line:
                break
        drill.send_signal(signal.SIGKILL)
    assert len(Repairs(archived).owed) == 2
    up = [sys.executable, "-m", "howdah.entrypoints.cli", "up"]
    done = subprocess.run(up, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "warning" not in done.stderr
    assert Repairs(archived).owed == []


def test_a_drill_on_an_archive_that_is_broken_already_could_not_run(archived: Settings) -> None:
    close_repository(archived)
    try:
        evidence = run_drill(archived, "archive-gap", print)
    finally:
        open_repository(archived, "")
    assert evidence.outcome == "could not run"
    assert "broken to begin with" in evidence.reasons[0]


def test_a_drill_of_the_cluster_is_refused_on_a_single_server(archived: Settings) -> None:
    assert [drill.name for drill in DRILLS if not fits(archived, drill)]
    command = [sys.executable, "-m", "howdah.entrypoints.cli", "drill", "run", "--yes"]
    done = subprocess.run(
        [*command, "timeline-switch"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "timeline-switch needs a cluster" in done.stderr
