"""What is done next, however a recovery was cut short."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from howdah.operations.recovery.record import (
    ASSESS,
    DISCARDED,
    DONE,
    FAILED,
    IDENTIFY,
    IN_PLACE_STEPS,
    NOT_NEEDED,
    POST_MORTEM,
    RECOVER,
    RECOVERED,
    STEPS,
    SWITCH,
    VERIFY,
    Record,
    begun,
    closed,
    decided,
    ended,
    from_document,
    new_record,
    next_step,
    noted,
    to_document,
    told,
)

MOMENT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


def through(*steps: str, record: Record | None = None) -> Record:
    """A record with those steps done, a second each."""
    found = record or new_record(MOMENT)
    for number, step in enumerate(steps):
        at = MOMENT + timedelta(seconds=number)
        found = ended(begun(found, step, at), at + timedelta(seconds=1), DONE)
    return found


def test_the_steps_are_the_architectures_in_its_order() -> None:
    record = new_record(MOMENT)
    taken = []
    while step := next_step(record):
        taken.append(step)
        record = through(step, record=record)
    assert tuple(taken) == STEPS == (IDENTIFY, ASSESS, RECOVER, VERIFY, SWITCH, POST_MORTEM)


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_was_cut_short_is_taken_again(step: str) -> None:
    record = begun(through(*STEPS[: STEPS.index(step)]), step, MOMENT)
    assert next_step(record) == step


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_failed_is_taken_again(step: str) -> None:
    record = begun(through(*STEPS[: STEPS.index(step)]), step, MOMENT)
    assert next_step(ended(record, MOMENT, FAILED, ("no",))) == step


def test_traffic_never_moves_after_a_failed_verification() -> None:
    record = begun(through(IDENTIFY, ASSESS, RECOVER), VERIFY, MOMENT)
    record = decided(ended(record, MOMENT, FAILED, ("a page is damaged",)), DISCARDED)
    assert next_step(record) == POST_MORTEM
    assert next_step(through(POST_MORTEM, record=record)) is None


def test_when_nothing_is_wrong_only_the_report_is_left() -> None:
    record = decided(through(IDENTIFY, ASSESS), NOT_NEEDED)
    assert next_step(record) == POST_MORTEM


def test_a_restore_in_place_is_the_middle_three_steps() -> None:
    record = new_record(MOMENT, IN_PLACE_STEPS)
    assert record.in_place
    assert next_step(record) == RECOVER
    assert next_step(through(RECOVER, VERIFY, SWITCH, record=record)) is None


def test_a_discarded_restore_in_place_is_over() -> None:
    record = decided(through(RECOVER, record=new_record(MOMENT, IN_PLACE_STEPS)), DISCARDED)
    assert next_step(record) is None


def test_what_is_over_has_no_next_step() -> None:
    assert next_step(closed(new_record(MOMENT), MOMENT)) is None


def test_a_record_survives_being_written_and_read() -> None:
    record = through(IDENTIFY)
    record = begun(record, ASSESS, MOMENT)
    record = told(record, MOMENT, "somebody decided", decision=True)
    record = decided(noted(record, plan={"label": "x"}, programs=["api"]), RECOVERED)
    assert from_document(json.loads(json.dumps(to_document(record)))) == record


def test_a_note_is_forgotten_with_none() -> None:
    record = noted(new_record(MOMENT), exchanging=True)
    assert noted(record, exchanging=None).notes == {}
