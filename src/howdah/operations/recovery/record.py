"""What a recovery has done so far, decided and found. Pure: data that JSON can say, and back."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

IDENTIFY, ASSESS, RECOVER, VERIFY, SWITCH, POST_MORTEM = (
    "identify",
    "assess",
    "recover",
    "verify",
    "switch",
    "post-mortem",
)
STEPS = (IDENTIFY, ASSESS, RECOVER, VERIFY, SWITCH, POST_MORTEM)
"""The architecture's procedure, in its order."""
IN_PLACE_STEPS = (RECOVER, VERIFY, SWITCH)
"""Of an operator who knows already what is wrong, and where to go back to."""
DONE, FAILED = "done", "failed"

RECOVERED, DISCARDED, NOT_NEEDED = "recovered", "discarded", "not needed"
"""How a recovery can end."""


@dataclass(frozen=True)
class Attempt:
    """One attempt at a step. It was cut short when it has no end."""

    step: str
    begun_at: datetime
    ended_at: datetime | None = None
    outcome: str = ""
    sentences: tuple[str, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)

    @property
    def seconds(self) -> float | None:
        """How long it took."""
        return (self.ended_at - self.begun_at).total_seconds() if self.ended_at else None


@dataclass(frozen=True)
class Event:
    """Something that happened, or was decided, at a moment."""

    at: datetime
    what: str
    decision: bool = False


@dataclass(frozen=True)
class Record:
    """One recovery. `notes` are what its steps must know when they are continued."""

    id: str
    begun_at: datetime
    steps: tuple[str, ...] = STEPS
    attempts: tuple[Attempt, ...] = ()
    events: tuple[Event, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)
    outcome: str = ""
    ended_at: datetime | None = None

    @property
    def in_place(self) -> bool:
        """Whether it is a restore in place, without the steps around it."""
        return self.steps == IN_PLACE_STEPS

    def last(self, step: str) -> Attempt | None:
        """The newest attempt at that step."""
        return next((item for item in reversed(self.attempts) if item.step == step), None)

    def done(self, step: str) -> bool:
        """Whether that step needs no further attempt."""
        last = self.last(step)
        return last is not None and last.outcome == DONE


def new_record(moment: datetime, steps: tuple[str, ...] = STEPS) -> Record:
    """A recovery that begins now; its id is that moment."""
    moment = moment.astimezone(UTC)
    return Record(moment.strftime("%Y%m%dT%H%M%SZ"), moment, steps)


def next_step(record: Record) -> str | None:
    """What is to be done next; None when the recovery is over.

    What was discarded, or needs nothing, is written up, and nothing else happens to it.
    """
    if record.ended_at is not None:
        return None
    remaining = [step for step in record.steps if not record.done(step)]
    if record.outcome in (DISCARDED, NOT_NEEDED):
        remaining = [step for step in remaining if step == POST_MORTEM]
    return remaining[0] if remaining else None


def begun(record: Record, step: str, moment: datetime) -> Record:
    """The record with a new attempt at that step."""
    return replace(record, attempts=(*record.attempts, Attempt(step, moment)))


def ended(
    record: Record,
    moment: datetime,
    outcome: str,
    sentences: tuple[str, ...] = (),
    figures: Mapping[str, Any] | None = None,
) -> Record:
    """The record with its last attempt ended."""
    *before, last = record.attempts
    closed = replace(
        last, ended_at=moment, outcome=outcome, sentences=sentences, figures=dict(figures or {})
    )
    return replace(record, attempts=(*before, closed))


def told(record: Record, moment: datetime, what: str, *, decision: bool = False) -> Record:
    """The record with one more line of its timeline."""
    return replace(record, events=(*record.events, Event(moment, what, decision)))


def noted(record: Record, **notes: Any) -> Record:
    """The record with these notes; None takes one away."""
    merged = {**record.notes, **notes}
    kept = {name: value for name, value in merged.items() if value is not None}
    return replace(record, notes=kept)


def decided(record: Record, outcome: str) -> Record:
    """The record with how it comes out."""
    return replace(record, outcome=outcome)


def closed(record: Record, moment: datetime) -> Record:
    """The record of a recovery that is over."""
    return replace(record, ended_at=moment)


def to_document(record: Record) -> dict[str, Any]:
    """As it is written: moments as ISO text."""
    return _plain(asdict(record))  # type: ignore[no-any-return]  # a dict stays one


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def from_document(document: Mapping[str, Any]) -> Record:
    """Raises KeyError, TypeError or ValueError when it is no record."""
    return Record(
        id=document["id"],
        begun_at=datetime.fromisoformat(document["begun_at"]),
        steps=tuple(document["steps"]),
        attempts=tuple(_attempt(item) for item in document["attempts"]),
        events=tuple(
            Event(datetime.fromisoformat(item["at"]), item["what"], item["decision"])
            for item in document["events"]
        ),
        notes=dict(document["notes"]),
        outcome=document["outcome"],
        ended_at=_moment(document["ended_at"]),
    )


def _attempt(item: Mapping[str, Any]) -> Attempt:
    return Attempt(
        step=item["step"],
        begun_at=datetime.fromisoformat(item["begun_at"]),
        ended_at=_moment(item["ended_at"]),
        outcome=item["outcome"],
        sentences=tuple(item["sentences"]),
        figures=dict(item["figures"]),
    )


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
