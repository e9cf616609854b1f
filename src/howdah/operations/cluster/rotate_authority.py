"""A new certificate authority while everything runs: both are trusted until the old one is gone.

First every program comes to trust both, then every certificate is signed by the new one, then
the old one is dropped; each step is seen to work before the next begins, and a run that was cut
short is continued by the next. etcd reads whom it trusts at its start only, so its members are
restarted one by one; meanwhile the primary goes on by the consent of the others (failsafe mode).
"""

import time
from dataclasses import dataclass

from howdah.foundation.certificates import issue_all
from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.cluster.asking import wait_until
from howdah.operations.cluster.certificate_endpoints import checked_by, wait_for
from howdah.operations.cluster.patroni import clustered
from howdah.operations.cluster.rotate_certificates import (
    PATIENCE_SECONDS,
    Report,
    Rotation,
    rotate_now,
    tell_to_read_again,
)
from howdah.operations.cluster.routes import command
from howdah.operations.stack.lock import stack_lock

SETTLE_SECONDS = 3.0
"""Longer than HAProxy needs to notice, with what it trusts now, that a member is not well."""


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
        else:  # nobody can verify anything as it is: first of all, make everything new
            succession.take_over(settings)
            issue_all(settings)
            change.trusted_by_all(renew=False)
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

    def trusted_by_all(self, *, renew: bool) -> Rotation | None:
        """Have every program read ca.crt again; with new certificates too when they can be had.

        Patroni takes up whom its REST interface trusts only along with a new certificate.
        """
        running = [name for name, state in self.supervisor.states().items() if state.running]
        if "haproxy" in running:
            self._trusted_by_haproxy()
        for member in self.settings.topology.etcd_members:
            if member.name in running:
                self._restart_etcd(member.name)
        if renew:
            return rotate_now(self.settings, self.report)
        programs = {member.name for member in self.settings.topology.members} | {"pgbouncer"}
        for name in programs.intersection(running):
            tell_to_read_again(self.supervisor, name)
        return None

    def _trusted_by_haproxy(self) -> None:
        """Through its socket: a restart would cut every connection to PostgreSQL."""
        path = self.settings.layout.certificates / "ca.crt"
        authorities = path.read_text(encoding="ascii")
        said = command(self.settings, f"set ssl ca-file {path} <<\n{authorities}")
        if "ransaction" in said:
            said = command(self.settings, f"commit ssl ca-file {path}")
        if "Success" not in said:
            raise TrustRefused(
                f"HAProxy does not take up {path}: {said}",
                hint="`howdah restart haproxy` makes it, cutting connections to PostgreSQL; "
                "then run this again",
            )
        time.sleep(SETTLE_SECONDS)
        self.report("haproxy: trusts what ca.crt holds now")

    def _restart_etcd(self, name: str) -> None:
        self.supervisor.stop(name)
        wait_until(
            lambda: not self.supervisor.states()[name].running, f"{name} to stop", PATIENCE_SECONDS
        )
        self.supervisor.start(name)
        for endpoint in checked_by(self.settings.topology, name):
            found = wait_for(self.settings, endpoint, None, PATIENCE_SECONDS)
            if isinstance(found, str):
                raise TrustRefused(
                    f"{endpoint.title} after its restart: {found}",
                    hint=f"`howdah logs {name}` says more; when it serves, run this again",
                )
        self.report(f"{name}: restarted")
