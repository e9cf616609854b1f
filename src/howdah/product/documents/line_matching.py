"""Which lines of two texts are the same, in bounded time.

Lines that are unique on both sides pair up first (patience diff), which costs n log n and keeps
paragraphs whole; difflib compares only the small gaps between them. difflib alone is quadratic and
worse, so its work has a budget: gaps beyond it stay unmatched, and `coarse` says so.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

_Span = tuple[int, int, int, int]  # before_from, before_to, after_from, after_to


class LineMatching:
    """Finds pairs of equal lines in ascending order; `coarse` once the budget did not suffice."""

    def __init__(self, before: Sequence[str], after: Sequence[str], compared_pairs: int) -> None:
        self._before = before
        self._after = after
        self._pairs_left = compared_pairs
        self.coarse = False

    def matches(self) -> Iterator[tuple[int, int]]:
        start, end = self._ends_in_common()
        yield from ((position, position) for position in range(start))
        inner = (start, len(self._before) - end, start, len(self._after) - end)
        for gap, anchor in self._gaps(inner):
            yield from self._within(gap)
            if anchor:
                yield anchor
        yield from zip(
            range(len(self._before) - end, len(self._before)),
            range(len(self._after) - end, len(self._after)),
            strict=True,
        )

    def _ends_in_common(self) -> tuple[int, int]:
        before, after = self._before, self._after
        shorter = min(len(before), len(after))
        start = 0
        while start < shorter and before[start] == after[start]:
            start += 1
        end = 0
        while end < shorter - start and before[-1 - end] == after[-1 - end]:
            end += 1
        return start, end

    def _gaps(self, span: _Span) -> Iterator[tuple[_Span, tuple[int, int] | None]]:
        """What lies before each pair of unique lines, and after the last."""
        before_from, before_to, after_from, after_to = span
        for anchor in self._anchors(span):
            yield (before_from, anchor[0], after_from, anchor[1]), anchor
            before_from, after_from = anchor[0] + 1, anchor[1] + 1
        yield (before_from, before_to, after_from, after_to), None

    def _anchors(self, span: _Span) -> list[tuple[int, int]]:
        before = _positions_of_unique(self._before, span[0], span[1])
        after = _positions_of_unique(self._after, span[2], span[3])
        pairs = [(at, after[line]) for line, at in before.items() if line in after]
        return _longest_ascending(pairs)

    def _within(self, span: _Span) -> Iterator[tuple[int, int]]:
        before = self._before[span[0] : span[1]]
        after = self._after[span[2] : span[3]]
        pairs = len(before) * len(after)
        if not pairs:
            return
        if pairs > self._pairs_left:
            self.coarse = True
            return
        self._pairs_left -= pairs
        blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
        for block in blocks:
            for offset in range(block.size):
                yield span[0] + block.a + offset, span[2] + block.b + offset


def _positions_of_unique(lines: Sequence[str], start: int, end: int) -> dict[str, int]:
    counts = Counter(lines[start:end])
    return {lines[at]: at for at in range(start, end) if counts[lines[at]] == 1}


def _longest_ascending(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest selection of pairs, ascending on the left, that ascends on the right as well."""
    ends: list[int] = []  # smallest right side that ends a selection of each length
    chosen: list[int] = []  # the pair behind each of `ends`
    previous: list[int] = []
    for position, (_, right) in enumerate(pairs):
        length = bisect_left(ends, right)
        previous.append(chosen[length - 1] if length else -1)
        ends[length : length + 1] = [right]
        chosen[length : length + 1] = [position]
    selection = []
    position = chosen[-1] if chosen else -1
    while position >= 0:
        selection.append(pairs[position])
        position = previous[position]
    return selection[::-1]
