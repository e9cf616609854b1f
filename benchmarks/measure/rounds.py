"""Pairwise rounds: A B A B …, so that whatever disturbs the machine disturbs both alike."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median, quantiles

Measurement = Callable[[], float]


@dataclass(frozen=True)
class Rounds:
    """What each subject measured, round by round."""

    values: Mapping[str, tuple[float, ...]]

    def median(self, name: str) -> float:
        return median(self.values[name])

    def ratio(self, name: str, to: str) -> float:
        """The median of the rounds' ratios: each compares two neighbours in time."""
        return median(self.ratios(name, to))

    def ratios(self, name: str, to: str) -> list[float]:
        return [a / b for a, b in zip(self.values[name], self.values[to], strict=True)]

    def spread(self, name: str, to: str) -> tuple[float, float]:
        """The middle half of the ratios: how far to trust the median."""
        ratios = self.ratios(name, to)
        if len(ratios) < 2:
            return ratios[0], ratios[0]
        lower, _, upper = quantiles(ratios, n=4, method="inclusive")
        return lower, upper


def measure(subjects: Mapping[str, Measurement], rounds: int) -> Rounds:
    """Runs every subject once a round; every second round in the opposite order.

    A first round warms caches and is not counted.
    """
    values: dict[str, list[float]] = {name: [] for name in subjects}
    for number in range(rounds + 1):
        order = list(subjects) if number % 2 else list(reversed(subjects))
        for name in order:
            value = subjects[name]()
            if number > 0:
                values[name].append(value)
    return Rounds({name: tuple(found) for name, found in values.items()})
