"""Drills: break a running stack on purpose, drive writes meanwhile, and judge what became of them.

Each leaves evidence in `<home>/evidence/drills`. Imports operations and foundation.
"""

from howdah.operations.drills.catalog import DRILLS, NAMES, Drill, drill_of
from howdah.operations.drills.repairs import HELD, heal_leftovers
from howdah.operations.drills.run import Evidence, fits, run_drill
from howdah.operations.drills.scene import Wishes

__all__ = [
    "DRILLS",
    "HELD",
    "NAMES",
    "Drill",
    "Evidence",
    "Wishes",
    "drill_of",
    "fits",
    "heal_leftovers",
    "run_drill",
]
