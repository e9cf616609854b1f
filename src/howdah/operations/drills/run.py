"""Run one drill from its preconditions to its evidence, and put right what it broke."""

import getpass
import secrets
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from howdah import __version__
from howdah.foundation.errors import CommandFailed, HowdahError
from howdah.foundation.evidence import keep_evidence
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings, settings_in_force
from howdah.operations.backups.program import require_backups
from howdah.operations.drills.catalog import (
    BACKUPS,
    CLUSTER,
    FOLDER,
    ZONE_NETWORKS,
    Drill,
    drill_of,
)
from howdah.operations.drills.repairs import REMOVE, Repair, Repairs, only_drill, undisturbed
from howdah.operations.drills.scene import Scene, Wishes
from howdah.operations.drills.tenant import PREFIX, found_tenant
from howdah.operations.drills.timeline import Report, Timeline
from howdah.operations.drills.verdict import COULD_NOT_RUN, FAILED, INTERRUPTED, PASSED, Verdict
from howdah.operations.drills.watcher import Watcher
from howdah.operations.drills.wholeness import NotWhole, wait_until_whole

WHOLE_BEFORE_SECONDS = 20.0
"""How long a cluster that is just getting well may take before a drill refuses."""
PLAIN = Wishes()


@dataclass(frozen=True)
class Evidence:
    """What a drill found, and the file that keeps it."""

    document: dict[str, Any]
    path: Path

    @property
    def name(self) -> str:
        """The drill's."""
        return str(self.document["drill"])

    @property
    def outcome(self) -> str:
        """`passed`, `failed`, `could not run` or `interrupted`."""
        return str(self.document["verdict"]["outcome"])

    @property
    def passed(self) -> bool:
        """Whether every promise was kept."""
        return self.outcome == PASSED

    @property
    def figures(self) -> dict[str, Any]:
        """What was measured."""
        return dict(self.document["figures"])

    @property
    def reasons(self) -> list[str]:
        """The sentences behind the outcome."""
        return list(self.document["verdict"]["reasons"])


@dataclass
class _Run:
    """One run of a drill, as far as it has come."""

    settings: Settings
    drill: Drill
    wishes: Wishes
    timeline: Timeline
    begun_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    verdict: Verdict = field(default_factory=Verdict)
    figures: dict[str, object] = field(default_factory=dict)
    staged: bool = False
    """Whether its preconditions were met."""

    def kept(self) -> Evidence:
        """Write the evidence down as it is now."""
        document = _document(self)
        folder = self.settings.layout.evidence / "drills"
        return Evidence(document, keep_evidence(folder, self.drill.name, document))


def run_drill(given: Settings, name: str, report: Report, wishes: Wishes = PLAIN) -> Evidence:
    """Run a drill, put right what it broke, keep the evidence.

    A drill that cannot be run, fails or breaks off says so in its evidence. Raises InvalidInput
    for a name that is none, CommandFailed when this home runs nothing that it could be tried on.
    """
    drill = drill_of(name)
    settings = settings_in_force(given)
    require_stack(settings, drill)
    run = _Run(settings, drill, wishes, Timeline(report))
    try:
        with only_drill(settings.layout), _staged(run) as scene:
            drill.scenario(scene)
    except HowdahError as failure:
        begun = run.staged and not isinstance(failure, NotWhole)
        run.verdict.break_off(_sentence(failure), FAILED if begun else COULD_NOT_RUN)
    except BaseException as problem:
        interrupted = isinstance(problem, KeyboardInterrupt)
        why = "somebody interrupted it" if interrupted else f"it broke off: {problem!r}"
        run.verdict.break_off(why, INTERRUPTED if interrupted else FAILED)
        run.kept()
        raise
    return run.kept()


def _sentence(failure: HowdahError) -> str:
    """What went wrong, and what had gone wrong before that."""
    earlier = failure.__context__
    if isinstance(earlier, HowdahError) and failure.__cause__ is None:
        return f"{failure} Before that: {earlier}"
    return str(failure)


def fits(settings: Settings, drill: Drill) -> bool:
    """Whether the drill is one for this profile."""
    return settings.topology.clustered or CLUSTER not in drill.needs


def require_stack(settings: Settings, drill: Drill) -> None:
    """Raises CommandFailed when there is nothing to try the drill on."""
    if not fits(settings, drill):
        raise CommandFailed(
            f"{drill.name} needs a cluster, and this home has the profile solo",
            hint="`howdah up --profile full` with another HOWDAH_HOME makes one",
        )
    if not Supervisor(settings.layout.supervisor_socket).answers():
        raise CommandFailed("the stack does not run", hint="start it with `howdah up`")


@contextmanager
def _staged(run: _Run) -> Iterator[Scene]:
    """A scene on a whole stack; afterwards everything it owes is put right.

    Raises CommandFailed when the drill cannot be run, or what it broke cannot be put right.
    """
    settings, timeline, repairs = run.settings, run.timeline, Repairs(run.settings)
    if repairs.owed:
        timeline.note("an earlier drill was killed; putting right what it left")
        _settle(repairs, timeline)
    _require(settings, run.drill)
    wait_until_whole(settings, WHOLE_BEFORE_SECONDS)
    identity = f"{datetime.now(UTC):%H%M%S}-{secrets.token_hex(3)}"
    repairs.owe(Repair(REMOVE, f"{PREFIX}{identity}"))
    with ExitStack() as stack:
        stack.callback(_settle, repairs, timeline)
        slug = found_tenant(settings, identity)
        watcher = stack.enter_context(Watcher(settings, timeline))
        run.staged = True
        yield Scene(
            settings, slug, timeline, watcher, repairs, run.wishes, run.verdict, run.figures
        )


def _require(settings: Settings, drill: Drill) -> None:
    """The capabilities that the drill needs. Raises CommandFailed."""
    if ZONE_NETWORKS in drill.needs and not settings.topology.cluster.zone_networks:
        raise CommandFailed(
            f"{drill.name} needs a network for each zone, and this stack has none",
            hint="as root, set cluster.zone_networks = true and start a stack with it",
        )
    backup = settings.topology.backup
    if BACKUPS in drill.needs:
        require_backups(settings)
    if FOLDER in drill.needs and backup.repository != "posix":
        raise CommandFailed(
            f"{drill.name} needs a repository in a folder of this machine, and this is a bucket",
            hint="try it on a stack of its own, with backup.repository = posix",
        )


def _settle(repairs: Repairs, timeline: Timeline) -> None:
    """Put everything right, whatever interrupts; an organization may need a primary first."""
    with undisturbed():
        failures = repairs.settle()
        deadline = time.monotonic() + WHOLE_BEFORE_SECONDS
        while failures and time.monotonic() < deadline:
            time.sleep(1)
            failures = repairs.settle()
    if failures:
        for failure in failures:
            timeline.note(failure)
        raise CommandFailed(
            f"not everything that the drill broke could be put right: {'; '.join(failures)}",
            hint="the next `howdah drill run` or `howdah up` tries again",
        )


def _document(run: _Run) -> dict[str, Any]:
    return {
        "drill": run.drill.name,
        "what": run.drill.summary,
        "fence": run.wishes.fence,
        "idle": run.wishes.idle,
        "verdict": run.verdict.as_evidence(),
        "figures": run.figures,
        "timeline": run.timeline.as_evidence(),
        "begun_at": run.begun_at.isoformat(timespec="milliseconds"),
        "ended_at": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "by": getpass.getuser(),
        "host": socket.gethostname(),
        "howdah_version": __version__,
        "topology": _topology(run.settings),
    }


def _topology(settings: Settings) -> dict[str, Any]:
    topology = settings.topology
    cluster = topology.cluster
    return {
        "profile": topology.profile,
        "cluster": cluster.name,
        "members": [
            {"name": member.name, "zone": member.zone, "role": member.role}
            for member in topology.members
        ],
        "etcd_members": len(topology.etcd_members),
        "ttl_seconds": cluster.ttl_seconds,
        "loop_wait_seconds": cluster.loop_wait_seconds,
        "retry_timeout_seconds": cluster.retry_timeout_seconds,
        "zone_networks": cluster.zone_networks,
        "backups": topology.backup.repository if topology.backup.enabled else None,
        "archive_timeout_seconds": topology.backup.archive_timeout_seconds,
    }
