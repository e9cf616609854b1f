"""Restore in place: the middle three steps, for who knows already what is wrong."""

from howdah.foundation.errors import Conflict
from howdah.foundation.settings import Settings
from howdah.operations.cluster.reporting import Report
from howdah.operations.recovery.choices import RESTORE, Choice
from howdah.operations.recovery.guide import Guide, Operator, agreed
from howdah.operations.recovery.journal import Journal, begin_journal, open_journal, recovery_lock
from howdah.operations.recovery.local import LocalProvider
from howdah.operations.recovery.record import IN_PLACE_STEPS, Record
from howdah.operations.stack.progress import Progress


class AnotherUnfinished(Conflict):
    """Another recovery was begun and is not over."""


def restore_in_place(
    settings: Settings, choice: Choice, operator: Operator, report: Report, progress: Progress
) -> Record:
    """Put the database back to the target, in the place of the live one.

    One that was cut short is continued when it is to the same target. Raises OutsideWindow,
    CommandFailed before anything is stopped; NotMade and NotVerified when the live data stay.
    """
    assert choice.action == RESTORE
    provider = LocalProvider(settings, progress)
    with recovery_lock(settings.layout):
        journal = open_journal(settings.layout, report)
        if journal is None:
            sentences = provider.plan(choice)
            operator.consent(sentences)
            journal = begin_journal(settings.layout, report, IN_PLACE_STEPS)
            agreed(journal, choice, sentences)
        else:
            _require_same(journal, choice)
            report(f"the restore of {journal.record.begun_at:%Y-%m-%d %H:%M:%S} UTC is continued")
        Guide(provider, journal, operator, str(settings.home)).run()
    return journal.record


def _require_same(journal: Journal, choice: Choice) -> None:
    document = journal.noted("choice")
    if journal.record.in_place and document and Choice.of(document) == choice:
        return
    what = f"a {Choice.of(document)}" if document else "one that has not decided yet"
    raise AnotherUnfinished(
        f"another recovery is unfinished: {what}, begun at {journal.record.begun_at:%H:%M:%S} UTC",
        hint="`howdah recover --resume` continues it, `howdah recover --give-up` takes it back",
    )


def unfinished(settings: Settings) -> str:
    """Why nothing may be started now: data directories are being exchanged; empty when not."""
    journal = open_journal(settings.layout, lambda _: None)
    if journal is None or not journal.noted("exchanging") or journal.noted("handed_over"):
        return ""
    return (
        f"a restore that was begun at {journal.record.begun_at:%Y-%m-%d %H:%M:%S} UTC is being put "
        "in the place of the live data"
    )
