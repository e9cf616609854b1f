"""New certificates for everything that runs, one program after the other, none stopping.

Each program is told to read its files again and then asked, over a connection that verifies
everything, which certificate it presents. One that served with the old certificate and does not
with the new one gets the old one back, and the rotation stops there: the programs after it have
noticed nothing. Connections that are open stay open.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from howdah.foundation.certificates import CertificateStore, Replacement, stage_all
from howdah.foundation.certificates.presented import Presented
from howdah.foundation.certificates.requests import OPERATOR
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.cluster.certificate_endpoints import (
    CertificateEndpoint,
    checked_by,
    look,
    wait_for,
)
from howdah.operations.cluster.patroni import cluster_view, clustered
from howdah.operations.cluster.reporting import Report
from howdah.operations.stack.certificates import tell_to_read_again
from howdah.operations.stack.lock import stack_lock

PATIENCE_SECONDS = 30.0
"""Patroni reads its files between two rounds of its loop; without etcd a round takes longer."""
FIRST_LOOK_SECONDS = 2.0


@dataclass(frozen=True)
class TakenUp:
    """One endpoint after a rotation; `trouble` is empty when it presents the new certificate."""

    endpoint: str
    certificate: str
    old: str | None
    new: str
    expires: datetime | None
    trouble: str = ""


@dataclass(frozen=True)
class Rotation:
    """What a rotation did. `stopped`: where and why it went no further, in a sentence."""

    endpoints: tuple[TakenUp, ...]
    stack_runs: bool
    stopped: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything that runs presents its new certificate."""
        return not self.stopped and not any(item.trouble for item in self.endpoints)


def rotate_certificates(given: Settings, report: Report) -> Rotation:
    """Replace every certificate but the authority's, and see each of them serve.

    Raises CommandFailed when nothing could be issued; then nothing has changed.
    """
    settings = clustered(given)
    with stack_lock(settings.layout):
        return rotate_now(settings, report)


def rotate_now(settings: Settings, report: Report) -> Rotation:
    """The same, for who holds the stack's lock."""
    supervisor = Supervisor(settings.layout.supervisor_socket)
    running = frozenset(name for name, state in supervisor.states().items() if state.running)
    staged = stage_all(settings)
    return _Rotating(settings, supervisor, running, report).through(_ordered(settings, staged))


def _ordered(settings: Settings, staged: Sequence[Replacement]) -> list[Replacement]:
    """The operator's and etcd's first (who comes after needs them), the primary last."""
    members = [member.name for member in reversed(settings.topology.members)]
    leader = cluster_view(settings).leader
    if leader in members:
        members.append(members.pop(members.index(leader)))
    last = {name: place for place, name in enumerate(members, start=1)}
    return sorted(staged, key=lambda item: (last.get(item.name, 0), item.name != OPERATOR))


@dataclass(frozen=True)
class _Rotating:
    """One rotation under way."""

    settings: Settings
    supervisor: Supervisor
    running: frozenset[str]
    report: Report

    @property
    def store(self) -> CertificateStore:
        return CertificateStore(self.settings.layout.certificates)

    def through(self, staged: list[Replacement]) -> Rotation:
        """One certificate after the other, until one fails that worked before."""
        done: list[TakenUp] = []
        for place, item in enumerate(staged):
            rows, broken = self._replace(item)
            if broken:
                self._put_back(item)
                for untouched in staged[place + 1 :]:
                    self.store.forget(untouched.name, untouched.new)
                return Rotation((*done, *rows), bool(self.running), _stopped(item, broken))
            done += rows
        done = [self._once_more(row) for row in done]
        self._tidy(done, staged)
        return Rotation(tuple(done), bool(self.running))

    def _replace(self, item: Replacement) -> tuple[list[TakenUp], str]:
        """One certificate: the rows of its endpoints, and what broke by it (empty: nothing)."""
        endpoints = checked_by(self.settings.topology, item.name)
        if not self._serves(item.name):
            self.store.put_in_force(item.name, item.new)
            return [_idle(item, endpoint, self.running) for endpoint in endpoints], ""
        before = {endpoint: look(self.settings, endpoint) for endpoint in endpoints}
        self.store.put_in_force(item.name, item.new)
        if item.name != OPERATOR:
            tell_to_read_again(self.supervisor, item.name)
        rows = [self._row(item, each, _patience(before[each])) for each in endpoints]
        worked = {each.title for each in endpoints if isinstance(before[each], Presented)}
        broken = [row for row in rows if row.trouble and row.endpoint in worked]
        if not broken:
            self.report(f"{item.name}: {_news(rows)}")
        return rows, _sentence(broken)

    def _serves(self, certificate: str) -> bool:
        """Whether somebody is there who uses it."""
        if certificate == OPERATOR:
            etcd = {member.name for member in self.settings.topology.etcd_members}
            return bool(etcd & self.running)
        return certificate in self.running

    def _row(
        self,
        item: Replacement,
        endpoint: CertificateEndpoint,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> TakenUp:
        # The operator's is presented by no server: it is seen to be accepted.
        wanted = None if item.name == OPERATOR else item.new
        found = wait_for(self.settings, endpoint, wanted, patience_seconds)
        return _taken_up(item, endpoint, found, wanted)

    def _put_back(self, item: Replacement) -> None:
        if item.old is None or not self.store.staged(item.name, item.old).is_dir():
            return
        self.store.put_in_force(item.name, item.old)
        self.store.forget(item.name, item.new)
        if item.name != OPERATOR:
            tell_to_read_again(self.supervisor, item.name)

    def _once_more(self, row: TakenUp) -> TakenUp:
        """What was in trouble before its certificate changed may be well now that all have."""
        if not row.trouble or not self._serves(row.certificate):
            return row
        endpoints = checked_by(self.settings.topology, row.certificate)
        endpoint = next(item for item in endpoints if item.title == row.endpoint)
        return self._row(Replacement(row.certificate, row.old, row.new), endpoint)

    def _tidy(self, rows: list[TakenUp], staged: list[Replacement]) -> None:
        """Delete old pairs that nobody needs any more: the new ones were seen to serve."""
        unsure = {row.certificate for row in rows if row.trouble}
        for item in staged:
            if item.name not in unsure:
                self.store.forget_superseded(item.name)


def _patience(before: Presented | str) -> float:
    """Who did not serve before is asked again at the end, when all the others have been through."""
    return PATIENCE_SECONDS if isinstance(before, Presented) else FIRST_LOOK_SECONDS


def _taken_up(
    item: Replacement, endpoint: CertificateEndpoint, found: Presented | str, wanted: str | None
) -> TakenUp:
    if isinstance(found, str):
        return TakenUp(endpoint.title, item.name, item.old, item.new, None, found)
    late = wanted is not None and found.serial != wanted
    trouble = f"it still presents {found.serial}" if late else ""
    expires = found.expires if wanted else None
    return TakenUp(endpoint.title, item.name, item.old, item.new, expires, trouble)


def _idle(item: Replacement, endpoint: CertificateEndpoint, running: frozenset[str]) -> TakenUp:
    """Of a program that does not run: no trouble when the whole stack is down."""
    trouble = "it does not run; it reads the new one when it starts" if running else ""
    return TakenUp(endpoint.title, item.name, item.old, item.new, None, trouble)


def _news(rows: Sequence[TakenUp]) -> str:
    waiting = any(row.trouble for row in rows)
    return "new certificate, not seen yet" if waiting else "new certificate taken up"


def _sentence(broken: Sequence[TakenUp]) -> str:
    return "; ".join(f"{row.endpoint}: {row.trouble}" for row in broken)


def _stopped(item: Replacement, broken: str) -> str:
    return (
        f"{item.name} did not take up its new certificate ({broken}). Its old one is in force "
        f"again, and the certificates after it were not replaced; `howdah logs {item.name}` says "
        "more."
    )


def troubles(rotation: Rotation) -> Iterator[str]:
    """What is left to do, in sentences."""
    for row in rotation.endpoints:
        if row.trouble:
            remedy = f"`howdah restart {row.certificate}` makes it read the new one"
            yield f"{row.endpoint}: {row.trouble}. When it stays so, {remedy}."
    if rotation.stopped:
        yield rotation.stopped
