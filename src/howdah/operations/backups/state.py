"""What the last look at the backups found, for everybody who may not look into the repository.

The ops worker looks every minute and keeps it in a file; the API's /metrics and `howdah status`
read that. Moments are kept, ages are computed by who reads: a file that nobody renews grows old
visibly.
"""

import json
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from howdah.foundation.layout import Layout
from howdah.foundation.settings import Settings
from howdah.operations.backups.figures import Check, Problem, check_from
from howdah.operations.backups.restore_tests import RestoreTest, last_restore_test

STALE_SECONDS = 300.0
MODE = 0o644


@dataclass(frozen=True)
class Known:
    """What is known of the backups without looking into the repository."""

    check: Check | None
    """None when nobody has looked yet, or the file cannot be read."""
    restore_test: RestoreTest | None

    def age_seconds(self, now: datetime) -> float:
        """Since the last look; infinite when there was none."""
        if self.check is None:
            return float("inf")
        return (now - self.check.moment).total_seconds()

    def problems(self, now: datetime) -> tuple[Problem, ...]:
        """Those of the last look; before them, that it was too long ago."""
        found = self.check.problems if self.check else ()
        if self.age_seconds(now) <= STALE_SECONDS:
            return found
        when = f"since {self.check.moment:%Y-%m-%d %H:%M:%S}Z" if self.check else "yet"
        stale = Problem(
            "stale",
            f"nobody has looked at the backups {when}",
            "`howdah backup check` looks now; the ops worker should each minute: "
            "`howdah logs ops-worker`",
        )
        return stale, *found


def state_file(layout: Layout) -> Path:
    """Where it is kept; everybody on the machine may read it."""
    return layout.backup_run / "state.json"


def write_state(settings: Settings, check: Check) -> bool:
    """Keep what was found, whole or not at all; False when this user may not."""
    target = state_file(settings.layout)
    partial = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        partial.write_text(json.dumps(check.as_data(), ensure_ascii=False) + "\n", encoding="utf-8")
        partial.chmod(MODE)
        partial.replace(target)
    except OSError:  # who asked for it sees what was found all the same
        partial.unlink(missing_ok=True)
        return False
    return True


def known(settings: Settings) -> Known:
    """What the last look found, and the newest restore test."""
    return Known(_last_check(settings.layout), last_restore_test(settings))


def _last_check(layout: Layout) -> Check | None:
    try:
        return check_from(json.loads(state_file(layout).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError):  # as if nobody had looked, which is told
        return None
