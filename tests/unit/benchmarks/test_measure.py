"""Measuring: CPU accounts, rounds, and what a report says."""

import json

import pytest

from benchmarks.measure.cpu import Process, parse_stat, tree_seconds
from benchmarks.measure.report import TIMES, Promise, Report, figure
from benchmarks.measure.rounds import Rounds, measure
from benchmarks.programs.ranking import compare


def test_a_process_name_with_spaces_and_parentheses_is_read() -> None:
    line = "42 (a (b) c) S 7 1 1 0 -1 0 0 0 0 0 100 50 30 20 20 0 1 0"
    process = parse_stat(line)
    assert (process.pid, process.parent) == (42, 7)
    assert process.own_seconds == pytest.approx(1.5)
    assert process.reaped_seconds == pytest.approx(0.5)


def test_a_tree_counts_children_and_those_that_ended() -> None:
    processes = {
        1: Process(1, 0, 1.0, 4.0),
        2: Process(2, 1, 2.0, 0.0),
        3: Process(3, 2, 3.0, 0.0),
        9: Process(9, 0, 100.0, 0.0),
    }
    assert tree_seconds([1], processes) == 10.0


def test_overlapping_trees_are_counted_once() -> None:
    processes = {1: Process(1, 0, 1.0, 0.0), 2: Process(2, 1, 2.0, 0.0)}
    assert tree_seconds([2, 1], processes) == 3.0


def test_rounds_alternate_the_order_and_leave_the_first_out() -> None:
    calls: list[str] = []

    def subject(name: str, value: float) -> float:
        calls.append(name)
        return value

    rounds = measure({"a": lambda: subject("a", 1.0), "b": lambda: subject("b", 2.0)}, rounds=2)
    assert calls == ["b", "a", "a", "b", "b", "a"]
    assert rounds.values == {"a": (1.0, 1.0), "b": (2.0, 2.0)}


def test_a_ratio_compares_neighbours_in_time() -> None:
    slowing_machine = Rounds({"a": (2.0, 20.0, 200.0), "b": (1.0, 10.0, 100.0)})
    assert slowing_machine.ratio("a", to="b") == 2.0


def test_a_run_that_was_too_small_is_neither_kept_nor_missed() -> None:
    promise = Promise("x", measured=1, limit=15, at_least=True, judged=False)
    assert promise.verdict == "not judged"
    assert Report("n", "t", ("c",), [], [promise]).missed == []


@pytest.mark.parametrize(
    ("measured", "at_least", "verdict"),
    [
        (15, True, "kept"),
        (14.9, True, "**missed**"),
        (15, False, "kept"),
        (15.1, False, "**missed**"),
    ],
)
def test_a_promise_is_kept_at_its_limit(measured: float, at_least: bool, verdict: str) -> None:
    assert Promise("x", measured, 15, at_least=at_least).verdict == verdict


def test_a_report_is_a_markdown_table_and_json() -> None:
    promise = Promise("ratio", 20.0, 15, at_least=True, unit=TIMES)
    report = Report("n", "Title", ("word", "ms"), [("rare", 0.123456)], [promise], ["note"])
    text = report.markdown()
    assert "| rare | 0.123 |" in text
    assert f"| ratio | ≥ 15{TIMES} | 20.0{TIMES} | kept |" in text
    assert json.loads(report.as_json())["promises"][0]["verdict"] == "kept"


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234567, "1,234,567"), (1.234, "1.23"), (0.01234, "0.0123"), (123.4, "123"), ("a", "a")],
)
def test_numbers_have_three_significant_digits(value: object, text: str) -> None:
    assert figure(value) == text


def test_overlap_counts_documents_that_tie_with_the_tenth_apart() -> None:
    ranked = [(number, 1.0 if number < 9 else 0.5) for number in range(20)]
    page = [*range(9), 15]
    found = compare("q", page, ranked)
    assert (found.strict, found.tied, found.matches) == (0.9, 1.0, 20)
