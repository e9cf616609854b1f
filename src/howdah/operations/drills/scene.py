"""The stage of a drill: what a scenario says and does, so that scenarios read as prose."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Member
from howdah.operations.cluster.views import ClusterView
from howdah.operations.drills.ledger import Comparison, Ledger
from howdah.operations.drills.prober import Prober
from howdah.operations.drills.readers import Readers, Reads
from howdah.operations.drills.repairs import Repair, Repairs
from howdah.operations.drills.tenant import written
from howdah.operations.drills.timeline import Timeline
from howdah.operations.drills.verdict import Verdict
from howdah.operations.drills.watcher import Watcher
from howdah.operations.drills.writers import WRITES_PER_SECOND, Writers

CALM_SECONDS = 3.0
WHOLE_WITHIN_SECONDS = 120.0
WRITES_WITHIN_SECONDS = 60.0
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Wishes:
    """How a drill was asked for."""

    fence: bool = False
    """A killed primary stays down until another one leads."""
    idle: bool = False
    """Hardly anything is written when everything is lost."""


@dataclass
class Scene:
    """One run of one drill."""

    settings: Settings
    slug: str
    timeline: Timeline
    watcher: Watcher
    repairs: Repairs
    wishes: Wishes = field(default_factory=Wishes)
    verdict: Verdict = field(default_factory=Verdict)
    figures: dict[str, object] = field(default_factory=dict)
    ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.slug)

    # Who is who

    def member(self, name: str | None) -> Member:
        """The member of that name. Raises CommandFailed."""
        for member in self.settings.topology.members:
            if member.name == name:
                return member
        raise CommandFailed(f"there is no member {name!r}")

    def primary(self) -> Member:
        """Who leads."""
        return self.member(self._view().leader)

    def standby(self) -> Member:
        """The synchronous standby."""
        return self.member(self._view().sync_standby)

    @property
    def clustered(self) -> bool:
        """Whether there is a cluster to look at."""
        return self.settings.topology.clustered

    def _view(self) -> ClusterView:
        self.watcher.wait_for(lambda view: view.leader is not None, "a leader", 10)
        assert self.watcher.view is not None
        return self.watcher.view

    # What goes on meanwhile

    @contextmanager
    def writing(self, per_second: float = WRITES_PER_SECOND) -> Iterator[Ledger]:
        """Clients write until the block ends, undisturbed for the first seconds."""
        self.timeline.note("clients write")
        with Writers(self.settings, self.slug, self.ledger, per_second=per_second):
            self._wait_for_write(after=0.0)
            time.sleep(CALM_SECONDS)
            yield self.ledger

    @contextmanager
    def reading(self, *purposes: str) -> Iterator[Readers]:
        """Clients read for these purposes until the block ends."""
        with Readers(self.settings, self.slug, purposes) as readers:
            yield readers

    @contextmanager
    def probing(self, *probers: Prober) -> Iterator[None]:
        """These try to write to their members directly until the block ends."""
        with ExitStack() as stack:
            for prober in probers:
                stack.enter_context(prober)
            yield
        for prober in probers:
            if prober.obstacle:
                raise CommandFailed(f"nobody could probe {prober.member.name}: {prober.obstacle}")

    # What is broken, and put right

    def fault(self, what: str) -> float:
        """It breaks now; returns the moment."""
        if self.clustered:
            self.figures["leader_before"] = self._view().leader
        return self.timeline.fault(what)

    def will_owe(self, kind: str, *targets: str) -> None:
        """What is about to be broken will have to be put right."""
        self.repairs.owe(*(Repair(kind, target) for target in targets))

    def put_right(self, *kinds: str) -> float:
        """Put right what is broken; returns the moment. Raises CommandFailed."""
        owed = [repair for repair in self.repairs.owed if repair.kind in kinds]
        self.timeline.note(", ".join(str(repair) for repair in owed))
        failures = self.repairs.settle(*kinds)
        if failures:
            raise CommandFailed("; ".join(failures))
        return self.timeline.now()

    # What is waited for

    def hold(self, seconds: float) -> None:
        """Let it be as it is for a while."""
        time.sleep(seconds)

    def wait_for_another_leader(self, old: Member) -> str:
        """Wait until somebody else leads; returns who."""
        self.watcher.wait_for(
            lambda view: view.leader not in (None, old.name),
            "another leader",
            WRITES_WITHIN_SECONDS,
        )
        return self.primary().name

    def wait_for_writes(self) -> None:
        """Wait until a write is acknowledged that was not before. Raises CommandFailed."""
        # An answer may still be on its way that was given before the fault.
        self._wait_for_write(after=self.timeline.now() + LOOK_SECONDS)
        self.timeline.note("writes are acknowledged")

    def _wait_for_write(self, after: float) -> None:
        self.wait(lambda: (self.ledger.last() or 0.0) > after, "a write", WRITES_WITHIN_SECONDS)

    def wait_until_whole(self, since: float | None = None) -> float:
        """Wait until nothing is missing; returns the seconds since the fault, or since then."""
        begun = self.timeline.now()
        self.wait(
            lambda: self.watcher.whole_since(begun) is not None,
            "a whole cluster" if self.clustered else "a whole stack",
            WHOLE_WITHIN_SECONDS,
            why=lambda: "; ".join(self.watcher.problems),
        )
        whole_at = self.watcher.whole_since(begun) or self.timeline.now()
        seconds = whole_at - (self.timeline.fault_at if since is None else since)
        self.figures["whole_again_seconds"] = round(seconds, 2)
        if self.clustered:
            self.figures["leader_after"] = self.primary().name
        self.timeline.note("the cluster is whole" if self.clustered else "all is well", whole_at)
        return seconds

    def wait(
        self,
        fulfilled: Callable[[], bool],
        what: str,
        patience_seconds: float,
        why: Callable[[], str] = lambda: "",
    ) -> None:
        """Wait until it is so. Raises CommandFailed that says what did not come, and why."""
        deadline = time.monotonic() + patience_seconds
        while not fulfilled():
            if time.monotonic() > deadline:
                reason = f" ({why()})" if why() else ""
                raise CommandFailed(f"{what} did not come within {patience_seconds:g} s{reason}")
            time.sleep(LOOK_SECONDS)

    # What is concluded

    def compare(self) -> Comparison:
        """The ledger beside the database."""
        return self.ledger.compare(self.written())

    def written(self) -> Mapping[str, int]:
        """What the drill's organization holds in the database: title → documents."""
        return written(self.settings, self.slug)

    def judge_writes(self, outage_at_most: float, *, none_fails: bool = False) -> None:
        """Nothing acknowledged is lost, nothing happened twice, and writes went on in time."""
        since, compared = self.timeline.fault_at, self.compare()
        failures, gap = self.ledger.failures(since), self.ledger.outage(since)
        self.figures |= {
            "acknowledged_writes": compared.acknowledged,
            "lost_writes": len(compared.lost),
            "duplicated_writes": len(compared.duplicated),
            "unknown_writes": compared.unknown,
            "unknown_writes_that_happened": compared.happened,
            "failed_attempts": failures,
            "write_outage_seconds": None if gap is None else round(gap.seconds, 3),
            "last_write_before_seconds": None if gap is None else self._since(gap.begun),
            "first_write_after_seconds": None if gap is None else self._since(gap.ended),
        }
        self.verdict.judge(
            "no acknowledged write is lost",
            compared.acknowledged > 0 and not compared.lost,
            f"{len(compared.lost)} of {compared.acknowledged}",
        )
        self.verdict.judge(
            "no write happens twice", not compared.duplicated, f"{len(compared.duplicated)}"
        )
        outage = None if gap is None else gap.seconds
        self.verdict.at_most("writes go on", outage, outage_at_most, "s without one")
        if none_fails:
            failed = sum(failures.values())
            self.verdict.judge("no request fails", not failed, f"{failed} {failures or ''}".strip())

    def judge_reads(self, what: str, reads: Reads, at_most: float) -> None:
        """Reads went on in time."""
        since = self.timeline.fault_at
        gap = reads.outage(since)
        seconds = None if gap is None else gap.seconds
        self.figures[f"read_outage_seconds: {what}"] = seconds and round(seconds, 3)
        self.figures[f"failed_reads: {what}"] = reads.failures(since)
        self.verdict.at_most(f"reads go on: {what}", seconds, at_most, "s without one")

    def judge_leader(self, old: Member, *, changes: bool) -> None:
        """Who leads in the end."""
        now = self.primary().name
        promise = "another member leads" if changes else "the leader stays"
        self.verdict.judge(promise, (now != old.name) is changes, f"{old.name}, then {now}")

    def _since(self, at: float) -> float:
        return round(self.timeline.since_fault(at), 3)
