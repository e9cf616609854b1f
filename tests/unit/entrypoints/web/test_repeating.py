"""Which writes are carried out again after their connection was lost, and what is then said."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from howdah.entrypoints.web.endpoints import Answer
from howdah.entrypoints.web.patience import Patience
from howdah.entrypoints.web.repeating import write_surely
from howdah.foundation.database import ConnectionLost, OutcomeUnknown
from howdah.foundation.errors import HowdahError, NotFound, PreconditionFailed

DONE = Answer({"id": 1}, 201)
Step = Callable[[], Answer]


def call(method: str = "POST", **headers: str) -> Any:
    """The parts of a Call that decide."""
    return SimpleNamespace(
        endpoint=SimpleNamespace(method=method),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        services=SimpleNamespace(patience=Patience(10, 1, sleep=lambda _: None, clock=lambda: 0)),
        started=0.0,
    )


def ending(*ends: HowdahError | Answer) -> tuple[Step, list[int]]:
    """A step that ends so, try after try, and the list of its tries."""
    tries: list[int] = []

    def step() -> Answer:
        tries.append(1)
        end = ends[len(tries) - 1]
        if isinstance(end, HowdahError):
            raise end
        return end

    return step, tries


def test_what_was_lost_before_commit_is_run_again() -> None:
    step, tries = ending(ConnectionLost(), ConnectionLost(), DONE)
    assert write_surely(call(), step, recorded=False) is DONE
    assert len(tries) == 3


def test_a_post_without_a_key_is_not_run_twice_when_its_commit_was_lost() -> None:
    step, tries = ending(OutcomeUnknown(), DONE)
    with pytest.raises(OutcomeUnknown) as told:
        write_surely(call(), step, recorded=False)
    assert len(tries) == 1
    assert told.value.code == "outcome_unknown"
    assert "Idempotency-Key" in (told.value.hint or "")


def test_its_commit_may_also_be_lost_on_a_later_try() -> None:
    step, tries = ending(ConnectionLost(), OutcomeUnknown(), DONE)
    with pytest.raises(OutcomeUnknown):
        write_surely(call(), step, recorded=False)
    assert len(tries) == 2


def test_with_a_key_a_lost_commit_is_found_out_about() -> None:
    step, tries = ending(OutcomeUnknown(), ConnectionLost(), DONE)
    assert write_surely(call(), step, recorded=True) is DONE
    assert len(tries) == 3


def test_a_deletion_whose_commit_was_lost_is_done_when_there_is_nothing_left() -> None:
    step, _ = ending(OutcomeUnknown(), NotFound())
    assert write_surely(call("DELETE"), step, recorded=False).status == 204


def test_a_deletion_that_found_nothing_in_the_first_place_says_so() -> None:
    step, _ = ending(ConnectionLost(), NotFound())
    with pytest.raises(NotFound):
        write_surely(call("DELETE"), step, recorded=False)


def test_a_change_of_a_named_revision_is_tried_again() -> None:
    step, _ = ending(OutcomeUnknown(), DONE)
    assert write_surely(call("PATCH", If_Match='"3"'), step, recorded=False) is DONE


def test_another_revision_after_a_lost_commit_leaves_it_unknown_whose_it_is() -> None:
    step, _ = ending(OutcomeUnknown(), PreconditionFailed())
    with pytest.raises(OutcomeUnknown):
        write_surely(call("PATCH", If_Match='"3"'), step, recorded=False)


@pytest.mark.parametrize("headers", [{}, {"If_Match": "*"}])
def test_a_change_of_whatever_there_is_might_happen_twice(headers: dict[str, str]) -> None:
    step, tries = ending(OutcomeUnknown(), DONE)
    with pytest.raises(OutcomeUnknown):
        write_surely(call("PATCH", **headers), step, recorded=False)
    assert len(tries) == 1
