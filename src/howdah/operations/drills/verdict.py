"""What a drill concludes: promises, each kept or not, in sentences. Pure."""

from dataclasses import asdict, dataclass, field

PASSED, FAILED, COULD_NOT_RUN, INTERRUPTED = "passed", "failed", "could not run", "interrupted"


@dataclass(frozen=True)
class Judgement:
    """One promise, whether it was kept, and what was found."""

    promise: str
    kept: bool
    found: str

    def __str__(self) -> str:
        return f"{'kept' if self.kept else 'BROKEN'}: {self.promise} ({self.found})"


@dataclass
class Verdict:
    """The judgements of one drill; a drill that judged nothing has not passed."""

    judgements: list[Judgement] = field(default_factory=list)
    obstacle: str = ""
    """Why the drill could not be run to its end."""
    outcome_when_broken_off: str = FAILED

    def judge(self, promise: str, kept: bool, found: str) -> Judgement:
        """Add a judgement."""
        judgement = Judgement(promise, kept, found)
        self.judgements.append(judgement)
        return judgement

    def at_most(self, promise: str, measured: float | None, limit: float, unit: str) -> Judgement:
        """A measured value that must not be above the limit; None was never measured."""
        if measured is None:
            return self.judge(promise, kept=False, found=f"never; at most {limit:g} {unit}")
        found = f"{measured:.2f} {unit}; at most {limit:g} {unit}"
        return self.judge(promise, measured <= limit, found)

    def break_off(self, why: str, outcome: str = FAILED) -> None:
        """It ends here, for this reason."""
        self.obstacle = why
        self.outcome_when_broken_off = outcome

    @property
    def outcome(self) -> str:
        """`passed` only when something was judged and every promise was kept."""
        if self.obstacle:
            return self.outcome_when_broken_off
        kept = bool(self.judgements) and all(judgement.kept for judgement in self.judgements)
        return PASSED if kept else FAILED

    @property
    def reasons(self) -> list[str]:
        """The sentences behind the outcome."""
        sentences = [str(judgement) for judgement in self.judgements]
        return [*sentences, self.obstacle] if self.obstacle else sentences

    def as_evidence(self) -> dict[str, object]:
        """Outcome, reasons and the judgements one by one."""
        return {
            "outcome": self.outcome,
            "reasons": self.reasons,
            "judgements": [asdict(judgement) for judgement in self.judgements],
        }
