"""The architecture's six steps, one after the other, recorded; continued where they were cut short.

Traffic moves in one step only, and only after the step before it has passed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from howdah.foundation.errors import CommandFailed, HowdahError, ProofFailed
from howdah.operations.cluster.reporting import Report
from howdah.operations.recovery import record as records
from howdah.operations.recovery.choices import NOTHING, Assessment, Choice
from howdah.operations.recovery.journal import POST_MORTEM, Journal, write_whole
from howdah.operations.recovery.post_mortem import TITLES, post_mortem
from howdah.operations.recovery.provider import Provider
from howdah.operations.recovery.record import DISCARDED, DONE, FAILED, NOT_NEEDED, RECOVERED

UNFINISHED = (
    "it is not over: `howdah recover --resume` continues it, "
    "`howdah recover --give-up` takes it back"
)


class NotMade(CommandFailed):
    """There is nothing to switch to, and traffic stays where it was."""


class NotVerified(ProofFailed):
    """The candidate did not pass, and traffic stays where it was."""


class Operator(Protocol):
    """Whoever decides: a person, or options that say it all."""

    def choose(self, assessment: Assessment) -> Choice:
        """What to do. Raises InvalidInput when it cannot be decided."""

    def consent(self, sentences: tuple[str, ...]) -> None:
        """Agree to what is about to happen. Raises InvalidInput when not."""


@dataclass(frozen=True)
class Ended:
    """What a step came to."""

    sentences: tuple[str, ...] = ()
    figures: dict[str, Any] | None = None


class Guide:
    """Leads one recovery from where it is to its end."""

    def __init__(self, provider: Provider, journal: Journal, operator: Operator, installation: str):
        self._provider, self._journal = provider, journal
        self._operator, self._installation = operator, installation

    def run(self) -> None:
        """Every remaining step. Raises what a step raises, after that has been recorded."""
        hands: dict[str, Callable[[], Ended]] = {
            records.IDENTIFY: self._identify,
            records.ASSESS: self._assess,
            records.RECOVER: self._recover,
            records.VERIFY: self._verify,
            records.SWITCH: self._switch,
            records.POST_MORTEM: self._write_up,
        }
        failure: NotMade | NotVerified | None = None
        while step := records.next_step(self._journal.record):
            try:
                self._take(step, hands[step])
            except (NotMade, NotVerified) as problem:  # written up, then told
                failure = problem
        if self._journal.record.ended_at is None:
            self._journal.close()
        if failure is not None:
            raise failure

    def _take(self, step: str, hand: Callable[[], Ended]) -> None:
        self._journal.say(f"── {TITLES[step]}")
        self._journal.begin(step)
        try:
            ended = hand()
        except HowdahError as failure:
            self._journal.end(FAILED, (failure.message,))
            raise
        except KeyboardInterrupt:
            self._journal.say(UNFINISHED)
            raise
        self._journal.end(DONE, ended.sentences, ended.figures)

    def _identify(self) -> Ended:
        wrong = self._provider.identify()
        for sentence in wrong or ("nothing is wrong that can be seen",):
            self._journal.say(sentence)
        self._journal.note(wrong=list(wrong))
        return Ended(wrong)

    def _assess(self) -> Ended:
        assessment = self._provider.assess()
        for sentence in assessment.sentences():
            self._journal.say(sentence)
        choice = self._operator.choose(assessment)
        if choice.action == NOTHING:
            self._journal.come_out(NOT_NEEDED)
        else:
            self._agree(choice)
        return Ended(assessment.sentences())

    def _agree(self, choice: Choice) -> None:
        sentences = self._provider.plan(choice)
        self._operator.consent((f"about to {choice}", *sentences))
        self._journal.decide(f"{choice}")
        self._journal.note(choice=choice.document(), plan_said=list(sentences))

    def _choice(self) -> Choice:
        return Choice.of(self._journal.noted("choice"))

    def _recover(self) -> Ended:
        """What cannot be made leaves nothing behind; interrupted, it is continued later."""
        try:
            figures = self._provider.recover(self._choice(), self._journal)
        except HowdahError as failure:
            self._journal.tell(f"it could not be made: {failure.message}")
            self._discard()
            raise NotMade(failure.message, hint=failure.hint) from failure
        return Ended(figures=dict(figures))

    def _discard(self) -> None:
        self._provider.discard(self._choice(), self._journal)
        self._journal.come_out(DISCARDED)

    def _verify(self) -> Ended:
        """A candidate that does not pass is thrown away at once."""
        found = self._provider.verify(self._choice(), self._journal)
        if not found.passed:
            self._journal.tell(f"not verified: {'; '.join(found.broken)}")
            self._discard()
            raise NotVerified(
                f"the candidate did not pass: {'; '.join(found.broken)}",
                hint="traffic stays where it was; choose an older backup or another time",
            )
        return Ended(tuple(found.sentences), found.figures)

    def _switch(self) -> Ended:
        figures = self._provider.switch(self._choice(), self._journal)
        self._journal.come_out(RECOVERED)
        return Ended(figures=dict(figures))

    def _write_up(self) -> Ended:
        path = self._journal.folder / POST_MORTEM
        write_whole(path, post_mortem(self._journal.record, self._installation))
        self._journal.say(f"the draft of the post-mortem is {path}")
        return Ended()

    def give_up(self) -> None:
        """Throw away what was made so far. Raises CommandFailed when it is too late for that."""
        if self._journal.noted("choice") is not None:
            self._provider.discard(self._choice(), self._journal)
        self._journal.decide("given up")
        self._journal.come_out(DISCARDED)
        if records.POST_MORTEM in self._journal.record.steps:
            self._take(records.POST_MORTEM, self._write_up)
        self._journal.close()


def agreed(journal: Journal, choice: Choice, sentences: tuple[str, ...]) -> None:
    """A recovery whose choice was made before it began."""
    journal.decide(f"{choice}")
    journal.note(choice=choice.document(), plan_said=list(sentences))


def rehearse(provider: Provider, operator: Operator, report: Report) -> None:
    """Steps 1 and 2 as they are, and what the others would do. Changes nothing.

    Raises what would stop the recovery before it begins.
    """
    report(f"── {TITLES[records.IDENTIFY]}")
    for sentence in provider.identify() or ("nothing is wrong that can be seen",):
        report(sentence)
    report(f"── {TITLES[records.ASSESS]}")
    assessment = provider.assess()
    for sentence in assessment.sentences():
        report(sentence)
    choice = operator.choose(assessment)
    if choice.action == NOTHING:
        report("nothing would be done")
        return
    report(f"── what would be done: {choice}")
    for sentence in provider.plan(choice):
        report(sentence)
    for step, sentence in WOULD.items():
        report(f"{TITLES[step]}: {sentence}")


WOULD = {
    records.VERIFY: "queries of the product, structure and checksums of the candidate",
    records.SWITCH: "traffic is led to it if it passed; else it is thrown away",
    records.POST_MORTEM: "a draft is written from the record",
}
