import time
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from howdah.product.documents.line_matching import LineMatching

LINES = st.lists(st.sampled_from("abcdefgh"), max_size=30)


@given(LINES, LINES)
def test_matched_lines_are_equal_and_ascend_on_both_sides(
    before: list[str], after: list[str]
) -> None:
    matches = list(LineMatching(before, after, 10_000).matches())
    assert all(before[left] == after[right] for left, right in matches)
    for (left, right), (next_left, next_right) in pairwise(matches):
        assert left < next_left
        assert right < next_right


@given(LINES)
def test_equal_texts_match_entirely(lines: list[str]) -> None:
    assert list(LineMatching(lines, lines, 0).matches()) == [(at, at) for at in range(len(lines))]


def test_a_moved_unique_line_does_not_hide_the_rest() -> None:
    before = [f"line {number}" for number in range(100)]
    after = [*before[1:], before[0]]
    assert len(list(LineMatching(before, after, 0).matches())) == 99


def test_beyond_its_budget_it_says_that_it_is_coarse() -> None:
    matching = LineMatching(["x", "y"] * 20 + ["p"], ["y", "x"] * 20 + ["q"], 100)
    assert list(matching.matches()) == []
    assert matching.coarse


def test_within_its_budget_it_is_not_coarse() -> None:
    matching = LineMatching(["x", "y"] * 20 + ["p"], ["y", "x"] * 20 + ["q"], 10_000)
    assert len(list(matching.matches())) == 39
    assert not matching.coarse


def test_two_large_texts_without_a_unique_line_are_answered_quickly() -> None:
    before = ["x", ""] * 100_000
    after = ["y", ""] * 100_000 + ["z"]
    started = time.process_time()
    matching = LineMatching(before, after, 1_000_000)
    assert list(matching.matches()) == []
    assert matching.coarse
    assert time.process_time() - started < 5
