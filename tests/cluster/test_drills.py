"""The drills, for real; each judges itself, and its evidence is looked at here."""

import json
import os
import signal
import stat
import subprocess
import sys
import time

import pytest

from howdah.foundation.settings import Settings
from howdah.operations.drills import faults
from howdah.operations.drills.repairs import THAW, Repair, Repairs
from howdah.operations.drills.tenant import PREFIX
from howdah.operations.drills.wholeness import wait_until_whole
from howdah.operations.roles.connect import connect_directly
from tests.cluster.conftest import ALSO, FENCED, RunDrill


def organizations_of_drills(settings: Settings) -> int:
    with connect_directly(settings, "postgres") as connection:
        row = connection.execute(
            "SELECT count(*) FROM organizations WHERE starts_with(slug, %s)", (PREFIX,)
        ).fetchone()
    assert row is not None
    return int(row[0])


def test_the_cluster_keeps_its_promises_when_something_breaks(
    drill: str, run_drill: RunDrill
) -> None:
    evidence = run_drill(drill, fence=drill in FENCED)
    assert evidence.passed, "\n".join(evidence.reasons)
    if drill not in ALSO:  # it judges by seconds what may be lost
        assert evidence.figures["lost_writes"] == 0
    assert evidence.figures["acknowledged_writes"] > 0


def test_a_drill_leaves_evidence_and_nothing_else(cluster: Settings, run_drill: RunDrill) -> None:
    evidence = run_drill("pgbouncer-loss")
    kept = json.loads(evidence.path.read_text())
    assert kept["verdict"]["outcome"] == evidence.outcome
    assert kept["by"]
    assert kept["timeline"][-1]["seconds"] > 0
    assert stat.S_IMODE(evidence.path.stat().st_mode) == 0o644
    assert Repairs(cluster).owed == []
    assert organizations_of_drills(cluster) == 0


def test_an_interrupted_drill_puts_right_what_it_broke(cluster: Settings) -> None:
    command = [sys.executable, "-m", "howdah.entrypoints.cli", "drill", "run", "--yes"]
    with subprocess.Popen(
        [*command, "standby-loss"], stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as drill:
        assert drill.stderr is not None
        for line in drill.stderr:
            if "kill -9 of" in line and "+0.0 s" in line:
                break
        time.sleep(1)
        drill.send_signal(signal.SIGINT)
        said = drill.stderr.read()
    assert drill.returncode == 130, said
    assert Repairs(cluster).owed == []
    wait_until_whole(cluster, 90)
    assert organizations_of_drills(cluster) == 0


def test_what_a_killed_drill_left_frozen_is_put_right_by_up(cluster: Settings) -> None:
    replica = next(item for item in cluster.topology.members if not item.candidate)
    Repairs(cluster).owe(Repair(THAW, replica.name))
    faults.freeze(cluster, replica.name)
    up = [sys.executable, "-m", "howdah.entrypoints.cli", "up", "--profile", "full"]
    done = subprocess.run(up, env=os.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert Repairs(cluster).owed == []
    wait_until_whole(cluster, 60)


@pytest.mark.parametrize("words", [["nonsense"], [], ["--all", "partition"]])
def test_a_drill_that_there_is_not_is_wrong_use(words: list[str]) -> None:
    command = [sys.executable, "-m", "howdah.entrypoints.cli", "drill", "run", "--yes", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "drill" in done.stderr
