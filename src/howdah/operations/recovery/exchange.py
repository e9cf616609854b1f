"""A checked restore takes the place of the live data, becomes primary there and archives.

Each step can be cut short and done again. Until the promotion everything can be taken back; from
then on the archive knows the new timeline, and production goes on there.
"""

import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from howdah.foundation.errors import CommandFailed, Unavailable
from howdah.foundation.rendering.pgbackrest import archiving
from howdah.foundation.settings import Settings
from howdah.operations.recovery.places import Place
from howdah.operations.recovery.staging import (
    Plan,
    base_parameters,
    recovery_target,
    restore_command,
)
from howdah.operations.recovery.standalone import (
    Standalone,
    forget_recovery_settings,
    signal_recovery,
)

PROMOTE_SECONDS = 24 * 3600.0
ARCHIVE_SECONDS = 300.0
PROMOTED = "SELECT NOT pg_is_in_recovery()"
LAST_TRANSACTION = "SELECT pg_last_xact_replay_timestamp()"
TIMELINE = """
    SELECT timeline_id, (SELECT system_identifier FROM pg_control_system())
    FROM pg_control_checkpoint()
"""
ARCHIVED = """
    SELECT coalesce(last_archived_wal, '') >= %s, failed_count
    FROM pg_stat_archiver
"""
CURRENT_SEGMENT = "SELECT pg_walfile_name(pg_current_wal_lsn())"


class PromotionCutShort(CommandFailed):
    """PostgreSQL was ended after it gave up its target, and before it had a timeline of its own.

    Started again it would go beyond the target, on the timeline of the data that were replaced.
    """


@dataclass(frozen=True)
class Promoted:
    """The restored database as a primary. `identifier`: the database system's."""

    timeline: int
    identifier: str
    archived_segment: str

    def figures(self) -> dict[str, Any]:
        """For the record."""
        return {"timeline": self.timeline, "first_archived_segment": self.archived_segment}


def move_in(place: Place, moment: str) -> Path | None:
    """Live data aside, restored data in their place; returns where the old ones are.

    Done again after it was cut short, it goes on where it was.
    """
    aside = place.set_aside(moment)
    if place.staging.exists():
        if place.live.exists() and any(place.live.iterdir()):
            if aside.exists():
                raise CommandFailed(f"{aside} is there already, and {place.live} is too")
            place.live.rename(aside)
        elif place.live.exists():
            place.live.rmdir()
        place.staging.rename(place.live)
    return aside if aside.exists() else None


def move_back(place: Place, moment: str) -> None:
    """What `move_in` did, undone: the restore is in its staging place again."""
    aside = place.set_aside(moment)
    if not place.staging.exists() and aside.exists() and place.live.exists():
        place.live.rename(place.staging)
    if aside.exists() and not place.live.exists():
        aside.rename(place.live)


def promoted_already(place: Place) -> bool:
    """Whether the data in the live place are a primary's: nothing is left to recover."""
    return not any((place.live / f"{name}.signal").exists() for name in ("recovery", "standby"))


def promote(settings: Settings, place: Place, plan: Plan) -> Standalone:
    """Roll forward to the target once more, now to stay: a new timeline that is archived.

    Returns the running server; one that a killed attempt left on its way is waited for. Raises
    PromotionCutShort, ServerEnded, Unavailable.
    """
    server = Standalone(place, place.live)
    if not server.left_running():
        server.stop()
        if not promoted_already(place):
            signal_recovery(place.live, "recovery")
        elif newest_timeline(server.control()) <= plan.timeline:
            raise PromotionCutShort
        server.start(_serving(settings, server, plan))
    server.wait(
        lambda: server.ask(PROMOTED) == (True,), PROMOTE_SECONDS, "the restored server to take over"
    )
    forget_recovery_settings(place.live)
    return server


def newest_timeline(control: Mapping[str, str]) -> int:
    """The timeline that a stopped server was on. Pure: pg_controldata's lines.

    A server that was just promoted notes it as the end of its recovery, and at its next checkpoint.
    """
    names = ("Latest checkpoint's TimeLineID", "Min recovery ending loc's timeline")
    return max(int(control.get(name, 0)) for name in names)


def _serving(settings: Settings, server: Standalone, plan: Plan) -> dict[str, object]:
    node = server.place.node
    return {
        **base_parameters(settings, server),
        **archiving(settings.topology, settings.layout, node),
        "restore_command": restore_command(settings, node, str(server.data)),
        **recovery_target(plan, "promote"),
    }


def archive_first(server: Standalone, patience_seconds: float = ARCHIVE_SECONDS) -> Promoted:
    """Wait until a segment of the new timeline is in the archive. Raises Unavailable.

    Nothing that is written from here on may be missing there.
    """
    with server.connection() as connection:
        connection.execute("CHECKPOINT")
        row = connection.execute(TIMELINE).fetchone()
        segment = connection.execute(CURRENT_SEGMENT).fetchone()
        assert row is not None
        assert segment is not None
        connection.execute("SELECT pg_create_restore_point('howdah recovery')")
        connection.execute("SELECT pg_switch_wal()")
        deadline = time.monotonic() + patience_seconds
        while True:
            archived = connection.execute(ARCHIVED, [segment[0]]).fetchone()
            if archived and archived[0]:
                return Promoted(int(row[0]), str(row[1]), str(segment[0]))
            if time.monotonic() > deadline:
                failures = archived[1] if archived else 0
                raise Unavailable(
                    f"the restored database cannot archive: {segment[0]} is not in the repository "
                    f"after {patience_seconds:.0f} s ({failures} failures)",
                    hint=f"the log {server.place.log} says why; then repeat the command",
                )
            time.sleep(0.2)


def delete_diverged(settings: Settings, place: Place) -> list[str]:
    """Delete the data of the other members, which are to be copied anew; returns their names."""
    gone = []
    for member in settings.topology.members:
        data = settings.layout.member_data(member.name)
        if member.name != place.node and data.exists():
            shutil.rmtree(data)
            gone.append(member.name)
    return gone


def moment_of(moment: datetime) -> str:
    """As part of a folder's name."""
    return moment.strftime("%Y%m%dT%H%M%SZ")
