"""The way through a restore: beside the live data, checked there, and only then in their place."""

import shutil
import time
from datetime import UTC, datetime

from howdah.foundation.errors import CommandFailed, HowdahError
from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.backups.program import require_backups
from howdah.operations.cluster.diagnosis import megabytes
from howdah.operations.cluster.patroni import cluster_view
from howdah.operations.recovery.checks import Findings, check_restored
from howdah.operations.recovery.choices import Choice
from howdah.operations.recovery.cluster_keys import end_pause, forget_leadership
from howdah.operations.recovery.exchange import (
    PromotionCutShort,
    archive_first,
    delete_diverged,
    moment_of,
    move_back,
    move_in,
    promote,
)
from howdah.operations.recovery.journal import Journal
from howdah.operations.recovery.messages import empty_queue, hand_over_again
from howdah.operations.recovery.places import Place, place_of
from howdah.operations.recovery.programs import start_everything, start_only, stop_writers
from howdah.operations.recovery.staging import (
    Plan,
    plan_restore,
    recover_to_target,
    require_space,
    restore_files,
    throw_away,
)
from howdah.operations.recovery.standalone import Standalone
from howdah.operations.restores.target import LATEST, moment_text
from howdah.operations.restores.window import describe_course
from howdah.operations.stack import files
from howdah.operations.stack.probes import NotReady, pgbouncer_answers, primary_answers
from howdah.operations.stack.progress import Progress

SERVE_SECONDS = 60.0
LOOK_SECONDS = 0.1


class RestoreWay:
    """A restore into the place of the live data. What it must remember is in the journal."""

    def __init__(self, settings: Settings, progress: Progress):
        self._settings, self._progress = settings, progress

    def plan(self, choice: Choice) -> tuple[str, ...]:
        """What it would do. Raises OutsideWindow, CommandFailed when it cannot be done."""
        settings = self._settings
        require_backups(settings)
        _ensure_configuration(settings)
        place = place_of(settings.topology, settings.layout, self._chosen(choice))
        plan, course = plan_restore(settings, choice)
        require_space(place, plan)
        return (
            f"restores {describe_course(course)}",
            _interrupts(choice),
            _loses(choice, course.last.moment if course.last else None),
            *self._keeps(place, plan),
        )

    def _keeps(self, place: Place, plan: Plan) -> tuple[str, ...]:
        lines = [f"needs {megabytes(plan.needed_bytes)} beside what is there"]
        if place.live.exists():
            lines.append(f"keeps the data of now as {place.set_aside('<moment>')}")
        others = [item.name for item in self._settings.topology.members if item.name != place.node]
        if others:
            lines.append(f"deletes the data of {', '.join(others)}: they are copied anew")
        return tuple(lines)

    def recover(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """Restore beside the live data and roll forward to the target."""
        settings = self._settings
        _ensure_configuration(settings)
        files.make_folders(settings)  # of a member whose disk was replaced
        if journal.noted("programs") is None:
            states = Supervisor(settings.layout.supervisor_socket).states()
            journal.note(
                programs=sorted(states),
                moment=moment_of(datetime.now(UTC)),
                member=self._chosen(choice),
            )
        place = self._place(journal)
        if journal.noted("plan") is None:  # refused before anything is stopped
            require_space(place, plan_restore(settings, choice)[0])
        if _holds(choice):
            self._hold(journal)
        plan = self._planned(choice, journal)
        if journal.noted("restored_seconds") is None:
            self._restore(place, plan, journal)
        journal.say(f"it is rolled forward to {choice.target}")
        _, reached = recover_to_target(settings, place, plan)
        at = moment_text(reached.last_transaction_at) if reached.last_transaction_at else "unknown"
        journal.tell(f"rolled forward to {reached.lsn}, the last transaction is of {at}")
        journal.note(reached=reached.figures())
        return {
            "restore_seconds": journal.noted("restored_seconds"),
            "restored_bytes": journal.noted("restored_bytes"),
            **reached.figures(),
        }

    def _hold(self, journal: Journal) -> None:
        """Nobody writes from now on."""
        if journal.noted("held_at") is None:
            journal.note(held_at=datetime.now(UTC).isoformat())
            journal.tell("PostgreSQL and background work are stopped: nobody writes")
        stop_writers(self._settings, self._places())

    def _planned(self, choice: Choice, journal: Journal) -> Plan:
        document = journal.noted("plan")
        if document is not None:
            return Plan.of(document, choice.target)
        plan, course = plan_restore(self._settings, choice)
        journal.note(plan=plan.document())
        journal.tell(f"chosen: {describe_course(course)}")
        return plan

    def _restore(self, place: Place, plan: Plan, journal: Journal) -> None:
        journal.say(f"backup {plan.label} is restored into {place.staging}")
        seconds = restore_files(self._settings, place, plan)
        size = sum(item.stat().st_size for item in place.staging.rglob("*") if item.is_file())
        journal.tell(f"{megabytes(size)} restored in {seconds:.0f} s into {place.staging}")
        journal.note(restored_seconds=round(seconds, 1), restored_bytes=size)

    def verify(self, choice: Choice, journal: Journal) -> Findings:
        """Queries, structure and checksums of what was restored."""
        settings, place = self._settings, self._place(journal)
        server = Standalone(place, place.staging)
        if not server.running():
            server, _ = recover_to_target(settings, place, self._planned(choice, journal))
        return check_restored(settings, server, journal.say)

    def switch(self, choice: Choice, journal: Journal) -> dict[str, object]:
        """Exchange the data directories, promote, archive, serve; then everybody follows."""
        settings, place = self._settings, self._place(journal)
        if not journal.noted("promoted"):
            self._hold(journal)
            journal.note(exchanging=True)
            self._promote(place, self._planned(choice, journal), journal)
        if not journal.noted("handed_over"):
            self._lead(place, journal)
        if settings.topology.clustered:
            start_only(settings, [item.name for item in settings.topology.members], self._progress)
            journal.tell("every member follows again, one of them in synchrony")
        start_everything(settings, journal.noted("programs") or [], self._progress)
        self._await_writes(journal, pooled=True)
        return self._figures(journal)

    def _promote(self, place: Place, plan: Plan, journal: Journal) -> None:
        try:
            server = self._promoted(place, plan, journal)
        except PromotionCutShort:
            journal.tell("the restored server was ended in its promotion: it is restored once more")
            journal.note(again=True)
            server = self._promoted(place, plan, journal)
        again = hand_over_again(self._settings, server)
        promoted = archive_first(server)
        server.stop()
        journal.tell(
            f"the restored database is primary on timeline {promoted.timeline}, and archives; "
            f"{again} messages are handed over again"
        )
        journal.note(promoted=promoted.figures(), identifier=promoted.identifier)

    def _promoted(self, place: Place, plan: Plan, journal: Journal) -> Standalone:
        if journal.noted("again"):
            self._make_again(place, plan, journal)
        aside = move_in(place, journal.noted("moment"))
        if aside is not None and journal.noted("aside") is None:
            journal.note(aside=str(aside))
            journal.tell(f"the data that were live are kept in {aside}")
        return promote(self._settings, place, plan)

    def _make_again(self, place: Place, plan: Plan, journal: Journal) -> None:
        """The restored data are of no use any more; what they replaced is kept all the same."""
        Standalone(place, place.live).stop("immediate")
        if place.live.exists():
            shutil.rmtree(place.live)
        self._restore(place, plan, journal)
        waiting, _ = recover_to_target(self._settings, place, plan)
        waiting.stop()
        move_in(place, journal.noted("moment"))
        journal.note(again=None)

    def _lead(self, place: Place, journal: Journal) -> None:
        """The restored server serves, and nobody has data that it does not know of."""
        settings = self._settings
        self._forget_the_future(journal)
        start_only(settings, {place.node}, self._progress)
        if programs := journal.noted("programs"):
            self._await_writes(journal, pooled="pgbouncer" in programs)
        if gone := delete_diverged(settings, place):
            journal.tell(f"the data of {', '.join(gone)} are deleted; they are copied anew")
        journal.note(handed_over=True)

    def _forget_the_future(self, journal: Journal) -> None:
        """What etcd and the queue know is of a time that the database has not seen."""
        settings = self._settings
        if settings.topology.clustered and not journal.noted("keys_forgotten"):
            start_only(settings, {"etcd"}, self._progress)
            if forget_leadership(settings, journal.noted("identifier")):
                journal.tell("etcd knew the cluster by another system identifier; it is forgotten")
            if end_pause(settings):
                journal.tell("automation was paused; it is on again, to lead the restored member")
            journal.note(keys_forgotten=True)
        if not journal.noted("queue_emptied"):
            start_only(settings, {"redis"}, self._progress)
            keys = empty_queue(settings)
            journal.note(queue_emptied=True)
            journal.say(f"the queue forgets {keys} keys of the time after the target")

    def _await_writes(self, journal: Journal, *, pooled: bool) -> None:
        """The application's own way, when it has one. Notes when it served again, once."""
        if journal.noted("serves_at") is not None:
            return
        deadline = time.monotonic() + SERVE_SECONDS
        while True:
            try:
                primary_answers(self._settings, 0)
                if pooled:
                    pgbouncer_answers(self._settings, 0)
                break
            except NotReady as failure:
                if time.monotonic() > deadline:
                    raise CommandFailed(
                        "the restored database cannot be reached as the application does: "
                        f"{failure.message}",
                        hint="`howdah status` says what does not serve; then repeat the command",
                    ) from failure
            time.sleep(LOOK_SECONDS)
        journal.note(serves_at=datetime.now(UTC).isoformat())
        journal.tell("the application can write again")

    def _figures(self, journal: Journal) -> dict[str, object]:
        held, serves = journal.noted("held_at"), journal.noted("serves_at")
        outage = datetime.fromisoformat(serves) - datetime.fromisoformat(held)
        return {
            "outage_seconds": round(outage.total_seconds(), 1),
            "aside": journal.noted("aside"),
            **(journal.noted("promoted") or {}),
        }

    def discard(self, choice: Choice, journal: Journal) -> None:
        """Throw the restore away; what was stopped runs again with the data it had.

        Raises CommandFailed once the restored database is promoted: the archive goes on there.
        """
        place = self._place(journal)
        if journal.noted("promoted") or self._archived_already(place, journal):
            raise CommandFailed(
                "the restored database has taken the place of the other and archives already; "
                "taking it back would make two histories in the archive",
                hint="repeat the command to finish it; to have the old data back, restore to "
                "their time afterwards",
            )
        if journal.noted("exchanging"):
            stop_writers(self._settings, self._places())
            move_back(place, journal.noted("moment"))
            journal.note(exchanging=None)
        throw_away(place)
        journal.tell("the restore is thrown away; nothing was put in the place of the live data")
        if journal.noted("held_at") and journal.noted("programs") and self._has_data():
            start_everything(self._settings, journal.noted("programs"), self._progress)
            journal.tell("everything runs again as before")

    def _archived_already(self, place: Place, journal: Journal) -> bool:
        """Killed after the promotion and before it was noted."""
        moved = journal.noted("exchanging") and not place.staging.exists() and place.live.exists()
        return bool(moved) and not any(place.live.glob("*.signal"))

    def _has_data(self) -> bool:
        return any((item.live / "PG_VERSION").exists() for item in self._places())

    def _chosen(self, choice: Choice) -> str | None:
        """The member that is restored into: whose data are the newest, unless one is named."""
        if choice.member or not self._settings.topology.clustered:
            return choice.member
        return cluster_view(self._settings).leader

    def _place(self, journal: Journal) -> Place:
        """As it was chosen in the beginning, also when somebody else leads now."""
        return place_of(self._settings.topology, self._settings.layout, journal.noted("member"))

    def _places(self) -> list[Place]:
        """Those of every server."""
        topology, layout = self._settings.topology, self._settings.layout
        first = place_of(topology, layout)
        if not topology.clustered:
            return [first]
        return [
            Place(item.name, layout.member_data(item.name), first.log, first.sockets)
            for item in topology.members
        ]


def _holds(choice: Choice) -> bool:
    """To the end of the archive: what is written meanwhile would not be in it."""
    return choice.hold or choice.target.kind == LATEST


def _interrupts(choice: Choice) -> str:
    since = "at once" if _holds(choice) else "when the restore has been checked"
    return (
        f"interrupts: {since} PostgreSQL and background work stop; the API answers 503 until the "
        "restored database serves"
    )


def _loses(choice: Choice, last: datetime | None) -> str:
    if choice.target.kind == LATEST:
        return (
            f"loses: what is not in the archive, whose last transaction is of {moment_text(last)}"
        )
    return (
        f"loses: everything written after {choice.target}, and until the restored database serves"
        + (f" (the last transaction in the archive is of {moment_text(last)})" if last else "")
    )


def _ensure_configuration(settings: Settings) -> None:
    """Write what pgBackRest reads when the whole home was lost but for its secrets."""
    if settings.layout.pgbackrest_configuration().exists():
        return
    try:
        files.make_folders(settings)
        files.make_secrets(settings)
        files.write_configuration(settings, ())
    except HowdahError as failure:
        raise CommandFailed(
            f"the repository cannot be read without its configuration: {failure.message}",
            hint=failure.hint,
        ) from failure
