"""What happened during a drill, on one clock, in seconds since the fault."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock

Report = Callable[[str], None]


@dataclass(frozen=True)
class Event:
    """Something that happened; `at` is in seconds of the machine's monotonic clock."""

    at: float
    what: str


class Timeline:
    """Events from any thread; each is reported as it happens."""

    def __init__(self, report: Report, clock: Callable[[], float] = time.monotonic):
        self._report = report
        self._clock = clock
        self._begun = clock()
        self._fault_at: float | None = None
        self._events: list[Event] = []
        self._lock = Lock()

    @property
    def fault_at(self) -> float:
        """When the fault began; the beginning of the drill until there was one."""
        return self._begun if self._fault_at is None else self._fault_at

    def now(self) -> float:
        """The clock that every moment of the drill is read from."""
        return self._clock()

    def since_fault(self, at: float) -> float:
        """Seconds since the fault; below zero for what came before it."""
        return at - self.fault_at

    def fault(self, what: str) -> float:
        """From now on seconds count anew; returns the moment."""
        self._fault_at = self._clock()
        self.note(what, self._fault_at)
        return self._fault_at

    def note(self, what: str, at: float | None = None) -> None:
        """Write an event down, now unless it has a moment of its own."""
        event = Event(self._clock() if at is None else at, what)
        with self._lock:
            self._events.append(event)
        if self._fault_at is None:
            self._report(what)
        else:
            self._report(f"{self.since_fault(event.at):+.1f} s  {what}")

    def sentences(self) -> list[str]:
        """What was noted so far, in the order of noting."""
        with self._lock:
            return [event.what for event in self._events]

    def as_evidence(self) -> list[dict[str, object]]:
        """The events in their order, with seconds since the fault."""
        with self._lock:
            events = sorted(self._events, key=lambda event: event.at)
        return [
            {"seconds": round(self.since_fault(event.at), 3), "what": event.what}
            for event in events
        ]
