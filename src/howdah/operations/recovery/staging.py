"""Restore a backup beside the live data, and roll it forward to the target without taking writes.

The restored server stops replaying at the target and waits, so that it can be looked at. It becomes
a primary only in its final place: until then production goes on, and may begin a timeline itself.
"""

import shutil
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.accounts import POSTGRESQL, own
from howdah.foundation.rendering.pgbackrest import STANZA
from howdah.foundation.rendering.postgresql import cluster_parameters
from howdah.foundation.settings import Settings
from howdah.operations.backups.gaps import parse_lsn
from howdah.operations.backups.program import PROGRAM, WHOLE_DAY_SECONDS, pgbackrest
from howdah.operations.cluster.diagnosis import megabytes
from howdah.operations.recovery.choices import Choice
from howdah.operations.recovery.places import Place
from howdah.operations.recovery.standalone import (
    ServerEnded,
    Standalone,
    forget_recovery_settings,
    signal_recovery,
)
from howdah.operations.restores.target import (
    LATEST,
    Target,
    lsn_text,
    target_value,
)
from howdah.operations.restores.window import Course, find_course

MARGIN = 1.05
WAL_MARGIN_BYTES = 256 * 1024 * 1024
"""Beside the backup's files: WAL that is replayed and what checkpoints keep of it."""
STALL_SECONDS = 60.0
"""A recovery that should go on and has not moved for this long has met a hole."""
STATE = """
    SELECT pg_get_wal_replay_pause_state(), pg_last_wal_replay_lsn()::text,
           pg_last_xact_replay_timestamp()
"""
FROM_CONTROL = {
    "max_connections setting": "max_connections",
    "max_worker_processes setting": "max_worker_processes",
    "max_wal_senders setting": "max_wal_senders",
    "max_prepared_xacts setting": "max_prepared_transactions",
    "max_locks_per_xact setting": "max_locks_per_transaction",
}


@dataclass(frozen=True)
class Plan:
    """What is restored: which backup, along which timeline, until where."""

    target: Target
    label: str
    timeline: int
    end: int | None
    """LSN at which the archive ends, when that is the target."""
    needed_bytes: int
    """Free space that it takes."""
    wal_bytes: int
    """Roughly what is replayed, at most."""

    def document(self) -> dict[str, Any]:
        """For the record; the target is in the choice."""
        return {name: value for name, value in asdict(self).items() if name != "target"}

    @classmethod
    def of(cls, document: Mapping[str, Any], target: Target) -> "Plan":
        """As it was recorded."""
        return cls(target=target, **document)


@dataclass(frozen=True)
class Reached:
    """Where a recovery stopped."""

    lsn: str
    last_transaction_at: datetime | None
    seconds: float

    def figures(self) -> dict[str, Any]:
        """For the record."""
        moment = self.last_transaction_at
        return {
            "reached_lsn": self.lsn,
            "last_transaction_at": moment.isoformat() if moment else None,
            "replay_seconds": round(self.seconds, 1),
        }


def plan_restore(settings: Settings, choice: Choice) -> tuple[Plan, Course]:
    """Which backup and which way. Raises OutsideWindow that says what can be restored."""
    target = choice.target
    course = find_course(
        settings, target, label=choice.label or None, timeline=choice.timeline or None
    )
    end = course.end_lsn if target.kind == LATEST else None
    needed = int(course.backup.database_bytes * MARGIN) + course.wal_bytes + WAL_MARGIN_BYTES
    plan = Plan(target, course.backup.label, course.timeline, end, needed, course.wal_bytes)
    return plan, course


def require_space(place: Place, plan: Plan) -> None:
    """Raises CommandFailed when the restore does not fit beside what is there."""
    folder = next(item for item in place.live.parents if item.exists())
    free = shutil.disk_usage(folder).free
    if place.staging.exists():  # an earlier attempt's, which is thrown away
        free += _size(place)
    if free < plan.needed_bytes:
        raise CommandFailed(
            f"{folder} has {megabytes(free)} free, and the restore needs "
            f"{megabytes(plan.needed_bytes)} beside the data that are there",
            hint="make room; nothing was stopped or changed",
        )


def _size(place: Place) -> int:
    return sum(item.stat().st_size for item in place.staging.rglob("*") if item.is_file())


def restore_files(settings: Settings, place: Place, plan: Plan) -> float:
    """The backup's files into the staging directory; returns the seconds. Raises CommandFailed.

    What an earlier attempt left there is thrown away.
    """
    begun = time.monotonic()
    throw_away(place)
    place.staging.mkdir(parents=True)
    own(place.staging, POSTGRESQL, 0o700)
    pgbackrest(
        settings,
        "restore",
        f"--pg1-path={place.staging}",
        f"--set={plan.label}",
        "--type=default",
        node=place.node,
        timeout_seconds=WHOLE_DAY_SECONDS,
    )
    forget_recovery_settings(place.staging)
    return time.monotonic() - begun


def throw_away(place: Place) -> None:
    """Delete a restore that is not needed."""
    server = Standalone(place, place.staging)
    server.stop("immediate")
    if place.staging.exists():
        shutil.rmtree(place.staging)


def recover_to_target(settings: Settings, place: Place, plan: Plan) -> tuple[Standalone, Reached]:
    """Replay until the target and wait there; a server that waits there already is taken over.

    Raises ServerEnded, CommandFailed when the target is not reached.
    """
    begun = time.monotonic()
    server = Standalone(place, place.staging)
    server.stop()
    signal_recovery(place.staging, "standby" if plan.end else "recovery")
    server.start(_waiting(settings, server, plan))
    try:
        lsn, moment = _watch(server, plan)
    except ServerEnded as failure:
        raise _explained(failure, plan) from failure
    return server, Reached(lsn, moment, time.monotonic() - begun)


def _watch(server: Standalone, plan: Plan) -> tuple[str, datetime | None]:
    """Until it waits at the target, or has replayed the archive's last segment."""
    moved_at, before = time.monotonic(), ""
    while True:
        row = server.ask(STATE)
        if row and row[1]:
            lsn, moment = str(row[1]), row[2]
            assert moment is None or isinstance(moment, datetime)
            if row[0] == "paused" or (plan.end is not None and parse_lsn(lsn) >= plan.end):
                return lsn, moment
            if lsn != before:
                moved_at, before = time.monotonic(), lsn
            elif plan.end is not None and time.monotonic() - moved_at > STALL_SECONDS:
                raise CommandFailed(
                    f"the archive has a hole: replay stops at {lsn}, and the archive goes on to "
                    f"{lsn_text(plan.end)}",
                    hint="`howdah backup check` names what is missing; a target before the hole "
                    "can be restored",
                )
        time.sleep(0.2)


def _explained(failure: ServerEnded, plan: Plan) -> CommandFailed:
    if "before configured recovery target was reached" in failure.message:
        return CommandFailed(
            f"the archive ends before {plan.target}: no transaction in it is later",
            hint="`--to latest` restores everything that is archived",
        )
    return failure


def _waiting(settings: Settings, server: Standalone, plan: Plan) -> dict[str, object]:
    command = restore_command(settings, server.place.node, str(server.data))
    return {
        **base_parameters(settings, server),
        "archive_mode": "off",
        "restore_command": command,
        **recovery_target(plan, "pause"),
    }


def base_parameters(settings: Settings, server: Standalone) -> dict[str, object]:
    """What every start of a restored server needs: no less than the primary had when it wrote."""
    topology = settings.topology
    wanted = {**cluster_parameters(topology)}
    control = server.control()
    for theirs, ours in FROM_CONTROL.items():
        wanted[ours] = max(int(control.get(theirs, 0)), int(str(wanted.get(ours, 0))))
    return {
        **server.isolation(),
        **wanted,
        "shared_buffers": f"{topology.postgresql.shared_buffers_mb}MB",
        "maintenance_work_mem": f"{topology.postgresql.maintenance_work_mem_mb}MB",
        "max_wal_size": f"{topology.postgresql.max_wal_size_mb}MB",
        "shared_preload_libraries": "",
        "wal_retrieve_retry_interval": "500ms",
        "wal_compression": "lz4",
    }


def restore_command(settings: Settings, node: str, data: str) -> str:
    """What fetches WAL from the archive for a server in another place than the node's own."""
    configuration = settings.layout.pgbackrest_configuration(node)
    return (
        f"{PROGRAM} --config={configuration} --stanza={STANZA} --pg1-path={data} "
        'archive-get %f "%p"'
    )


def recovery_target(plan: Plan, action: str) -> dict[str, object]:
    """PostgreSQL's parameters for where the recovery ends, and what it does then."""
    along: dict[str, object] = {"recovery_target_timeline": plan.timeline}
    if plan.target.kind == LATEST:
        return along
    return {
        **along,
        f"recovery_target_{plan.target.kind}": target_value(plan.target),
        "recovery_target_inclusive": "off" if plan.target.before else "on",
        "recovery_target_action": action,
    }
