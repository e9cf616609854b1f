"""The clients' own account of their writes, and its comparison with what the database holds.

Pure. A write has a key (its Idempotency-Key and the title of its document) and is repeated with
that key until it is acknowledged or the drill ends. Moments are monotonic seconds.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from threading import Lock


@dataclass(frozen=True)
class Failure:
    """One attempt that was not acknowledged; `kind` is a status or what broke off."""

    key: str
    at: float
    kind: str


@dataclass(frozen=True)
class Gap:
    """A time without an acknowledgement: its two ends."""

    begun: float
    ended: float

    @property
    def seconds(self) -> float:
        """How long it was."""
        return self.ended - self.begun


@dataclass(frozen=True)
class Comparison:
    """What clients were told beside what is there.

    `lost`: acknowledged and missing. `duplicated`: keys with more than one row. `unknown`: writes
    that were never acknowledged, of which `happened` are there all the same.
    """

    acknowledged: int
    lost: tuple[str, ...]
    duplicated: tuple[str, ...]
    unknown: int
    happened: int


@dataclass(frozen=True)
class Boundary:
    """What clients were told beside a database that went back to an earlier moment.

    `missing`: acknowledged before that moment and not there. `too_late`: begun after it and there
    all the same. `kept`: writes that are there. `between`: under way at that moment, and either way
    is right.
    """

    kept: int
    missing: tuple[str, ...]
    too_late: tuple[str, ...]
    between: int

    @property
    def exact(self) -> bool:
        """Whether the database holds what was acknowledged before, and nothing begun after."""
        return self.kept > 0 and not self.missing and not self.too_late


class Ledger:
    """Every write of a drill, kept by several threads."""

    def __init__(self, name: str):
        self._name = name
        self._lock = Lock()
        self._begun: dict[str, float] = {}
        self._acknowledged: dict[str, float] = {}
        self._failures: list[Failure] = []

    def next_key(self, at: float = 0.0) -> str:
        """The key of a write that begins at that moment; keys are numbered without a gap."""
        with self._lock:
            key = f"{self._name}-{len(self._begun) + 1:06d}"
            self._begun[key] = at
            return key

    def acknowledge(self, key: str, at: float) -> None:
        """A client was told that this write happened."""
        with self._lock:
            self._acknowledged[key] = at

    def fail(self, key: str, kind: str, at: float) -> None:
        """An attempt was refused or broke off."""
        with self._lock:
            self._failures.append(Failure(key, at, kind))

    def acknowledged_until(self, moment: float) -> int:
        """How many writes were acknowledged until then."""
        return sum(at <= moment for at in self.moments)

    @property
    def moments(self) -> list[float]:
        """When writes were acknowledged, in order."""
        with self._lock:
            return sorted(self._acknowledged.values())

    def last(self) -> float | None:
        """The moment of the newest acknowledgement."""
        moments = self.moments
        return moments[-1] if moments else None

    def outage(self, since: float) -> Gap | None:
        """The longest time without an acknowledgement that ended after `since`."""
        return longest_gap(self.moments, since)

    def failures(self, since: float = 0.0) -> dict[str, int]:
        """Kind → failed attempts from that moment on."""
        with self._lock:
            kinds = Counter(failure.kind for failure in self._failures if failure.at >= since)
        return dict(sorted(kinds.items()))

    def compare(self, found: Mapping[str, int]) -> Comparison:
        """The ledger beside the rows that the database holds: key → how many."""
        with self._lock:
            acknowledged, begun = dict(self._acknowledged), len(self._begun)
        never = {key for key in found if key not in acknowledged}
        return Comparison(
            acknowledged=len(acknowledged),
            lost=tuple(sorted(key for key in acknowledged if not found.get(key))),
            duplicated=tuple(sorted(key for key, count in found.items() if count > 1)),
            unknown=begun - len(acknowledged),
            happened=len(never),
        )

    def boundary(self, found: Mapping[str, int], before: float, after: float) -> Boundary:
        """The ledger beside rows of an earlier moment, which lies between these two."""
        with self._lock:
            acknowledged, begun = dict(self._acknowledged), dict(self._begun)
        must = {key for key, at in acknowledged.items() if at < before}
        must_not = {key for key, at in begun.items() if at > after}
        return Boundary(
            kept=len(found),
            missing=tuple(sorted(must - found.keys())),
            too_late=tuple(sorted(must_not & found.keys())),
            between=len(begun.keys() - must - must_not),
        )

    def seconds_lost(self, found: Mapping[str, int], lost_at: float) -> float:
        """How far back from the loss the first acknowledged write lies that is missing.

        0.0 when none is. Only writes acknowledged until `lost_at` count.
        """
        with self._lock:
            gone = [
                at for key, at in self._acknowledged.items() if key not in found and at <= lost_at
            ]
        return lost_at - min(gone) if gone else 0.0

    def lost_after(self, found: Mapping[str, int], moment: float) -> tuple[str, ...]:
        """Writes that are missing although they were acknowledged after that moment."""
        with self._lock:
            late = {key for key, at in self._acknowledged.items() if at > moment}
        return tuple(sorted(late - found.keys()))


def longest_gap(moments: Iterable[float], since: float) -> Gap | None:
    """The longest time between two moments of which the later is after `since`.

    None when nothing came after it: then the outage never ended.
    """
    gaps = [Gap(earlier, later) for earlier, later in pairwise(sorted(moments)) if later > since]
    return max(gaps, key=lambda gap: gap.seconds, default=None)
