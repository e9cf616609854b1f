"""Which drills there are, and what each needs."""

from pathlib import Path

from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology
from howdah.operations.drills import DRILLS, fits
from howdah.operations.drills.catalog import BACKUPS, CLUSTER


def test_names_are_given_once() -> None:
    names = [drill.name for drill in DRILLS]
    assert len(set(names)) == len(names)


def test_every_drill_says_what_it_is_tried_on() -> None:
    assert [drill.name for drill in DRILLS if not {CLUSTER, BACKUPS} & set(drill.needs)] == []


def test_a_single_server_is_offered_the_drills_that_need_no_cluster(tmp_path: Path) -> None:
    single = Settings(tmp_path, None, Topology(profile="solo"))
    offered = {drill.name for drill in DRILLS if fits(single, drill)}
    assert {"point-in-time", "instance-loss"} <= offered
    assert not {"primary-crash", "timeline-switch"} & offered
