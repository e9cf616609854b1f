"""Re-seed a member: throw its data away and copy the primary's."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psycopg

from howdah.foundation.errors import CommandFailed, HowdahError, Unavailable
from howdah.foundation.processes.accounts import POSTGRESQL, own
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster.asking import TookTooLong, wait_until
from howdah.operations.cluster.choosing import Refused, known
from howdah.operations.cluster.clients import watched_over
from howdah.operations.cluster.diagnosis import megabytes
from howdah.operations.cluster.drain import out_of_rotation
from howdah.operations.cluster.lock import operation_lock
from howdah.operations.cluster.patroni import cluster_view, clustered, insist, tell
from howdah.operations.cluster.reporting import Report
from howdah.operations.cluster.rest import Unreachable
from howdah.operations.cluster.views import ClusterView
from howdah.operations.roles.connect import connect_member

PATRONI_SECONDS = 30.0
SILENCE_SECONDS = 60.0
"""A copy that does not grow for this long is given up waiting for."""
LONGEST_SECONDS = 24 * 3600.0
LOOK_SECONDS = 1.0
REPORT_SECONDS = 2.0
SIZE = "SELECT sum(pg_database_size(oid))::bigint FROM pg_database"


@dataclass(frozen=True)
class ReinitResult:
    """The member that was made anew, from the request until it followed."""

    member: str
    seconds: float
    size_bytes: int


def plan_reinit(given: Settings, name: str) -> Member:
    """The member that would be re-seeded. Raises Refused for the leader, NotFound."""
    settings = clustered(given)
    member = known(settings.topology.members, name)
    refuse_reinit(cluster_view(settings), member)
    return member


def refuse_reinit(view: ClusterView, member: Member) -> None:
    """Raises Refused when this member must keep its data. Pure."""
    if view.leader is None:
        raise Refused(
            f"{member.name} is not re-seeded: no member leads, so there is nothing to copy from",
            hint="`howdah cluster status` says what is wrong",
        )
    if member.name == view.leader:
        raise Refused(
            f"{member.name} is the primary: its data are the ones the others are copied from",
            hint="`howdah cluster switchover` makes another member the primary first",
        )


def reinit(given: Settings, name: str, report: Report) -> ReinitResult:
    """Throw the member's data away and copy the primary's; returns when it follows again.

    Raises Refused or NotFound before anything is touched, OperationUnderWay, PatroniRefused,
    CommandFailed when the copy stands still.
    """
    settings, begun = clustered(given), time.monotonic()
    member = plan_reinit(settings, name)
    with operation_lock(settings, f"re-seeding of {name}"), ExitStack() as stack:
        view = cluster_view(settings)
        refuse_reinit(view, member)
        assert view.leader is not None
        total = _size(settings, settings.topology.member(view.leader))
        _ensure_folder(settings, member)
        _ensure_patroni(settings, member, report)
        stack.enter_context(watched_over(settings, LONGEST_SECONDS))
        stack.enter_context(out_of_rotation(settings, member, report))
        reply = tell(settings, member, "POST", "/reinitialize", {"force": True}, timeout_seconds=20)
        insist(reply, f"re-seed {name}")
        report(f"{name} throws its data away and copies {megabytes(total)} from {view.leader}")
        _Copy(settings, member, report).wait()
    return ReinitResult(name, round(time.monotonic() - begun, 1), total)


def _size(settings: Settings, primary: Member) -> int:
    try:
        with connect_member(settings, primary) as connection:
            row = connection.execute(SIZE).fetchone()
    except psycopg.Error as failure:
        raise Unavailable(f"{primary.name} cannot be copied from: {failure}") from failure
    return int(row[0]) if row else 0


def _ensure_folder(settings: Settings, member: Member) -> None:
    """Patroni may do as it likes in the member's folder, and cannot make the folder itself."""
    folder = settings.layout.member_folder(member.name)
    folder.mkdir(parents=True, exist_ok=True)
    own(folder, POSTGRESQL, 0o700)


def _ensure_patroni(settings: Settings, member: Member, report: Report) -> None:
    """Patroni does the work, so it must run. Raises CommandFailed when it cannot be started."""
    if _answers(settings, member):
        return
    report(f"Patroni of {member.name} does not answer; it is started")
    Supervisor(settings.layout.supervisor_socket).start(member.name)
    try:
        wait_until(lambda: _answers(settings, member), "it to answer", PATRONI_SECONDS, look=0.3)
    except TookTooLong as failure:
        raise CommandFailed(
            f"Patroni of {member.name} does not answer, so {member.name} cannot be re-seeded",
            hint=f"`howdah logs {member.name}` says why; `howdah up` starts what is missing",
        ) from failure


def _answers(settings: Settings, member: Member) -> bool:
    try:
        return tell(settings, member, "GET", "/liveness").status != 0
    except Unreachable:
        return False


class _Copy:
    """Watches a copy grow until its member follows the primary."""

    def __init__(self, settings: Settings, member: Member, report: Report):
        self._settings, self._member, self._report = settings, member, report
        self._told, self._told_at = "", 0.0
        self._seen_copying = False

    def wait(self) -> None:
        """Returns when it follows. Raises CommandFailed when the copy stands still."""
        size, grown_at = -1, time.monotonic()
        while (state := self._state()) != "following":
            found = folder_size(self._settings.layout.member_data(self._member.name))
            if found != size:
                size, grown_at = found, time.monotonic()
            elif time.monotonic() - grown_at > SILENCE_SECONDS:
                raise CommandFailed(
                    f"{self._member.name} has been {state!r} for {SILENCE_SECONDS:.0f} s without "
                    "its copy growing",
                    hint=f"`howdah cluster explain {self._member.name}` says why",
                )
            self._tell(f"{state}: {megabytes(size)} there, its WAL included")
            time.sleep(LOOK_SECONDS)

    def _tell(self, news: str) -> None:
        """Not the same twice, and not all the time."""
        if news != self._told and time.monotonic() - self._told_at > REPORT_SECONDS:
            self._report(news)
            self._told, self._told_at = news, time.monotonic()

    def _state(self) -> str:
        """`following`, or Patroni's word for what it does."""
        try:
            seen = cluster_view(self._settings).member(self._member.name)
        except HowdahError as failure:
            return failure.message
        assert seen is not None
        # Right after the request Patroni still tells of the old data.
        self._seen_copying = self._seen_copying or not seen.running
        return "following" if self._seen_copying and seen.streaming else seen.state


def folder_size(folder: Path) -> int:
    """Bytes of all files below the folder; those that vanish meanwhile do not count."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += 0 if path.is_dir() else path.stat().st_size
        except OSError:
            continue
    return total
