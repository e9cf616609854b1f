"""A new certificate authority while everything runs: both are trusted until the old one is gone.

First every program comes to trust both, then every certificate is signed by the new one, then
the old one is dropped; each step is seen to work before the next begins, and a run that was cut
short is continued by the next. HAProxy and etcd read whom they trust at their start only. HAProxy
is restarted while PgBouncer holds its clients back for a moment, etcd's members one by one while
automation is paused: for those seconds nobody would take over from a primary that fails.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from howdah.foundation.certificates import issue_all
from howdah.foundation.errors import CommandFailed, HowdahError
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster.asking import TookTooLong, wait_until
from howdah.operations.cluster.automation import pause, resume
from howdah.operations.cluster.certificate_endpoints import checked_by, look, wait_for
from howdah.operations.cluster.clients import held_back, watched_over
from howdah.operations.cluster.patroni import cluster_view, clustered
from howdah.operations.cluster.pooler import PoolerAway
from howdah.operations.cluster.reporting import Report
from howdah.operations.cluster.rotate_certificates import (
    PATIENCE_SECONDS,
    Rotation,
    rotate_now,
)
from howdah.operations.cluster.routes import HaproxyAway, route_views
from howdah.operations.stack.certificates import tell_to_read_again
from howdah.operations.stack.lock import stack_lock

WATCH_SECONDS = 60.0
"""Clients are let go on after this, also when this process hangs."""
CHECK_SECONDS = 10.0
CHECKED = "L7OK"
"""What HAProxy says of a server whose last check went through, encryption and all."""


class TrustRefused(CommandFailed):
    """A program did not come to trust the new authority."""


def rotate_authority(given: Settings, report: Report) -> Rotation:
    """Replace the authority and every certificate; the last of the rotations that this takes.

    An incomplete one means that it stopped there, with both authorities trusted: the next run
    goes on. Raises CommandFailed.
    """
    from howdah.foundation.certificates import succession  # noqa: PLC0415  (loads cryptography)

    settings = clustered(given)
    with stack_lock(settings.layout):
        change = _Change(settings, Supervisor(settings.layout.supervisor_socket), report)
        if succession.begin(settings):
            report("both authorities are trusted from now on")
            first = change.trusted_by_all(renew=succession.can_sign(settings))
            if first and not first.complete:
                return first
        elif not change.understood():  # first of all, make everything new, so that it is
            succession.take_over(settings)
            issue_all(settings)
            change.trusted_by_all(renew=False, together=True)
        succession.take_over(settings)
        report("the new authority signs from now on")
        second = rotate_now(settings, report)
        if not second.complete:
            return second
        succession.finish(settings)
        report("the old authority is trusted no more")
        last = change.trusted_by_all(renew=True)
        assert last is not None
        if last.complete:
            succession.forget_succession(settings)
        return last


@dataclass(frozen=True)
class _Change:
    settings: Settings
    supervisor: Supervisor
    report: Report

    def understood(self) -> bool:
        """Whether etcd and we accept each other, going by the authority that is trusted now."""
        running = {name for name, state in self.supervisor.states().items() if state.running}
        topology = self.settings.topology
        names = [item.name for item in topology.etcd_members if item.name in running]
        endpoints = [endpoint for name in names for endpoint in checked_by(topology, name)]
        return not any(isinstance(look(self.settings, item), str) for item in endpoints)

    def trusted_by_all(self, *, renew: bool, together: bool = False) -> Rotation | None:
        """Have every program read ca.crt again; with new certificates too when they can be had.

        Patroni takes up whom its REST interface trusts only along with a new certificate.
        `together`: etcd's members cannot understand each other before all of them have read it.
        """
        running = [name for name, state in self.supervisor.states().items() if state.running]
        if "haproxy" in running:
            self._trusted_by_haproxy()
        etcd = [item.name for item in self.settings.topology.etcd_members if item.name in running]
        if together:
            self._restart_etcd(etcd)
        elif etcd:
            with self._without_automation():
                for name in etcd:
                    self._restart_etcd([name])
        if renew:
            return rotate_now(self.settings, self.report)
        programs = {member.name for member in self.settings.topology.members} | {"pgbouncer"}
        for name in programs.intersection(running):
            tell_to_read_again(self.supervisor, name)
        return None

    def _trusted_by_haproxy(self) -> None:
        """HAProxy reads whom it trusts at its start only: clients wait while it starts again."""
        databases = tuple(dict.fromkeys(self.settings.topology.purposes.values()))
        try:
            with (
                watched_over(self.settings, WATCH_SECONDS),
                held_back(self.settings, databases, self._primary()) as held,
            ):
                self._restart_haproxy()
        except PoolerAway:  # nobody is connected through it either
            self._restart_haproxy()
            self.report("haproxy: restarted")
        else:
            self.report(f"haproxy: restarted, clients waited {held.seconds:.1f} s")

    def _restart_haproxy(self) -> None:
        """Returns when it finds, with its new trust, as many members well as it did before."""
        before = _seen_well(self.settings)
        self._restart("haproxy")
        wait_until(
            lambda: _seen_well(self.settings) >= before,
            "HAProxy to find the members well",
            CHECK_SECONDS,
        )

    def _primary(self) -> Member:
        topology = self.settings.topology
        leader = cluster_view(self.settings).leader
        return topology.member(leader) if leader else topology.members[0]

    def _restart(self, name: str) -> None:
        self.supervisor.stop(name)
        wait_until(partial(self._gone, name), f"{name} to stop", PATIENCE_SECONDS)
        self.supervisor.start(name)

    def _gone(self, name: str) -> bool:
        state = self.supervisor.states().get(name)
        return state is None or not state.running

    @contextmanager
    def _without_automation(self) -> Iterator[None]:
        """Patroni does nothing by itself meanwhile.

        When etcd goes in the middle of a request, Patroni (3.0.2 and 3.1.2) takes the failure for
        the loss of its lease and has the primary step down, failsafe mode or not.
        """
        if cluster_view(self.settings).paused:
            yield
            return
        pause(self.settings)
        try:
            yield
        finally:
            self._resume()

    def _resume(self) -> None:
        try:
            wait_until(self._resumed, "Patroni to act by itself again", PATIENCE_SECONDS)
        except TookTooLong as failure:
            raise CommandFailed(failure.message, hint="`howdah cluster resume`") from failure

    def _resumed(self) -> bool:
        try:
            resume(self.settings)
        except HowdahError:  # Patroni has not found etcd again yet
            return False
        return True

    def _restart_etcd(self, names: list[str]) -> None:
        for name in names:
            self.supervisor.stop(name)
        for name in names:
            wait_until(partial(self._gone, name), f"{name} to stop", PATIENCE_SECONDS)
            self.supervisor.start(name)
        for name in names:
            self._wait_for_etcd(name)

    def _wait_for_etcd(self, name: str) -> None:
        """Until it serves. Raises TrustRefused."""
        for endpoint in checked_by(self.settings.topology, name):
            found = wait_for(self.settings, endpoint, None, PATIENCE_SECONDS)
            if isinstance(found, str):
                raise TrustRefused(
                    f"{endpoint.title} after its restart: {found}",
                    hint=f"`howdah logs {name}` says more; when it serves, run this again",
                )
        self.report(f"{name}: restarted")


def _seen_well(settings: Settings) -> int:
    """Servers, over all routes, that HAProxy has checked itself and found well."""
    try:
        routes = route_views(settings)
    except HaproxyAway:
        return 0
    servers = [server for route in routes for server in route.servers]
    return sum(server.state == "up" and server.check.startswith(CHECKED) for server in servers)
