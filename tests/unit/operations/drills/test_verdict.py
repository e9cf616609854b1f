"""What a drill concludes."""

from howdah.operations.drills.verdict import COULD_NOT_RUN, FAILED, PASSED, Verdict


def test_a_drill_that_judged_nothing_has_not_passed() -> None:
    assert Verdict().outcome == FAILED


def test_one_broken_promise_fails_the_drill() -> None:
    verdict = Verdict()
    verdict.judge("no acknowledged write is lost", kept=True, found="0 of 10")
    assert verdict.outcome == PASSED
    verdict.at_most("writes go on", 16.0, 15.0, "s")
    assert verdict.outcome == FAILED
    assert verdict.reasons[1] == "BROKEN: writes go on (16.00 s; at most 15 s)"


def test_what_was_never_measured_is_a_broken_promise() -> None:
    verdict = Verdict()
    assert not verdict.at_most("writes go on", None, 15.0, "s").kept


def test_a_drill_that_could_not_run_has_not_passed_whatever_it_judged() -> None:
    verdict = Verdict()
    verdict.judge("no acknowledged write is lost", kept=True, found="0 of 10")
    verdict.break_off("nobody leads", COULD_NOT_RUN)
    assert verdict.outcome == COULD_NOT_RUN
    assert verdict.reasons[-1] == "nobody leads"
