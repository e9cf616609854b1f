"""The way through a promotion: the synchronous standby has everything, and is looked at first."""

from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster.choosing import Refused, known
from howdah.operations.cluster.failover import failover, plan_failover
from howdah.operations.cluster.patroni import cluster_view, clustered
from howdah.operations.cluster.reinit import reinit
from howdah.operations.cluster.switchover import switchover
from howdah.operations.cluster.views import ClusterView
from howdah.operations.recovery.checks import Findings, check_queries
from howdah.operations.recovery.choices import Choice
from howdah.operations.recovery.journal import Journal
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_member

CHECKSUMS = "SELECT coalesce(sum(checksum_failures), 0)::bigint FROM pg_stat_database"


class PromoteWay:
    """Nothing is copied: the candidate is the standby, and the switch is its promotion."""

    def __init__(self, settings: Settings):
        self._settings = settings

    def plan(self, choice: Choice) -> tuple[str, ...]:
        """What it would do. Raises Refused, NotFound, CommandFailed."""
        settings = clustered(self._settings)
        view = cluster_view(settings)
        target = self._target(choice, view)
        if _leads(view):
            return (
                f"moves the primary from {view.leader} to {target.name}, and copies {view.leader} "
                "anew: its pages are damaged",
                "interrupts: clients of PgBouncer wait for about 2 seconds",
                "loses: nothing",
            )
        change = plan_failover(settings, target.name, accept_loss=False)
        return (
            f"promotes {change.new}; {change.old or 'nobody'} leads now",
            "interrupts: what was under way at the old primary fails",
            f"loses: {change.loses or 'nothing acknowledged'}",
        )

    def _target(self, choice: Choice, view: ClusterView) -> Member:
        name = choice.member or view.sync_standby
        if name is None:
            raise Refused(
                "nobody is promoted: there is no synchronous standby",
                hint="`howdah recover --choice restore --to latest` restores from the archive",
            )
        return known(self._settings.topology.members, name)

    def recover(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """The candidate is there already; it is chosen for good."""
        view = cluster_view(clustered(self._settings))
        target = journal.noted("candidate") or self._target(choice, view).name
        journal.note(candidate=target, damaged=view.leader if _leads(view) else None)
        journal.tell(f"chosen: {target}")
        return {"candidate": target}

    def verify(self, choice: Choice, journal: Journal) -> Findings:
        """Queries of the product, on the standby; pages that failed their checksum there."""
        member = known(self._settings.topology.members, journal.noted("candidate"))
        found = Findings()
        with connect_member(self._settings, member, SUPERUSER) as connection:
            row = connection.execute(CHECKSUMS).fetchone()
            if row and row[0]:
                found.broken.append(f"{row[0]} pages of {member.name} failed their checksum")
            else:
                found.sentences.append(f"no page of {member.name} has failed its checksum")
            check_queries(connection, found)
        for sentence in (*found.sentences, *found.broken):
            journal.say(sentence)
        return found

    def switch(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """Promote; HAProxy leads to whoever leads. A damaged old primary is copied anew."""
        settings, target = clustered(self._settings), journal.noted("candidate")
        if cluster_view(settings).leader == target:
            journal.tell(f"{target} leads already")
            figures: dict[str, object] = {}
        elif journal.noted("damaged"):
            moved = switchover(settings, target, journal.say)
            figures = {"pause_seconds": moved.pause_seconds}
            journal.tell(f"{target} leads; clients waited {moved.pause_seconds:.2f} s")
        else:
            promoted = failover(settings, target, journal.say)
            figures = {"promotion_seconds": promoted.seconds}
            journal.tell(f"{target} leads, after {promoted.seconds:.1f} s")
        if damaged := journal.noted("damaged"):
            copied = reinit(settings, damaged, journal.say)
            journal.tell(f"{damaged} was copied anew in {copied.seconds:.0f} s")
            figures["copy_seconds"] = copied.seconds
        return figures

    def discard(self, choice: Choice, journal: Journal) -> None:
        """Nothing was made."""
        journal.tell("nobody is promoted; traffic stays where it was")


def _leads(view: ClusterView) -> bool:
    leading = view.member(view.leader) if view.leader else None
    return leading is not None and leading.running
