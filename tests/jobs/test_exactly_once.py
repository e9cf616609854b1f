"""A job runs once in effect, whatever happens to messages and workers."""

import pytest

from howdah.entrypoints.schedule.duties import requeue_stalled
from howdah.foundation.errors import Unavailable
from howdah.product.transfers.imports import run_import
from howdah.product.transfers.job_runs import run_job
from howdah.product.transfers.jobs import (
    Claim,
    JobTaken,
    advance,
    claim_job,
    fail_job,
    finish_job,
)
from tests.jobs.background import Background, pages, wait_until


def test_a_message_relayed_twice_runs_once_in_effect(background: Background) -> None:
    member = background.member()
    ticket = background.import_files(member, pages(3))
    background.relay()
    # The relay was killed before it could mark the message, and RQ has forgotten it since.
    background.admin.execute("UPDATE outbox SET relayed_at = NULL, message_id = gen_random_uuid()")
    background.relay()

    worker = background.start("worker")
    wait_until(
        lambda: sum(line["message"] == "task done" for line in worker.lines()) == 2,
        "both messages are worked off",
    )
    job = background.job(ticket)
    assert (job["state"], job["attempts"], job["result"]["created"]) == ("succeeded", 1, 3)
    assert [row[3] for row in background.documents(member)] == [1, 1, 1]


def test_a_message_handed_over_but_not_marked_is_not_queued_twice(background: Background) -> None:
    ticket = background.import_files(background.member(), pages(1))
    background.relay()
    background.admin.execute("UPDATE outbox SET relayed_at = NULL")
    assert background.relay() == 1
    assert background.waiting_messages() == 0

    worker = background.start("worker")
    background.ended(ticket)
    assert worker.stop() == 0
    started = [line for line in worker.lines() if line["message"] == "task done"]
    assert [line["task"] for line in started] == ["transfers.import"]


def test_an_import_whose_worker_is_killed_is_resumed_without_duplicates(
    background: Background,
) -> None:
    member, number = background.member(), 3000
    ticket = background.import_files(member, pages(number))
    background.relay()
    worker = background.start("worker")
    wait_until(lambda: background.job(ticket)["progress_done"] >= 100, "the import is under way")
    worker.kill()
    done_before = background.job(ticket)["progress_done"]
    assert 100 <= done_before < number
    assert background.job(ticket)["state"] == "running"

    background.seems_silent(ticket.job_id)
    assert requeue_stalled(background.database) == 1
    background.relay()
    background.start("worker")
    job = background.ended(ticket)

    assert (job["state"], job["attempts"]) == ("succeeded", 2)
    assert job["result"]["created"] == number
    assert job["result"]["unchanged"] == 0
    rows = background.documents(member)
    assert len(rows) == len({row[0] for row in rows}) == number
    assert {row[3] for row in rows} == {1}


def test_a_stopping_worker_hands_its_import_back(background: Background) -> None:
    member, number = background.member(), 3000
    ticket = background.import_files(member, pages(number))
    background.relay()
    worker = background.start("worker")
    wait_until(lambda: background.job(ticket)["progress_done"] >= 100, "the import is under way")
    assert worker.stop() == 0
    job = background.job(ticket)
    assert (job["state"], job["attempts"]) == ("queued", 0)
    assert background.waiting_messages() == 1

    background.relay()
    background.start("worker")
    job = background.ended(ticket)
    assert (job["state"], job["result"]["created"]) == ("succeeded", number)


def test_a_job_that_takes_its_worker_down_is_given_up_with_a_sentence(
    background: Background,
) -> None:
    ticket = background.import_files(background.member(), pages(1))
    for attempt in (1, 2, 3):
        claim = claim_job(background.database, ticket)
        assert claim is not None
        assert claim.attempt == attempt
        background.seems_silent(ticket.job_id)
        assert requeue_stalled(background.database) == 1

    run_import(background.database, ticket)
    job = background.job(ticket)
    assert job["state"] == "failed"
    assert job["error"] == (
        "It was given up after 3 attempts. Each time the worker ended before the job did."
    )


def test_a_running_job_that_advances_is_left_to_its_worker(background: Background) -> None:
    ticket = background.import_files(background.member(), pages(1))
    assert claim_job(background.database, ticket) is not None
    assert requeue_stalled(background.database) == 0
    assert claim_job(background.database, ticket) is None


def test_a_worker_given_up_for_dead_changes_nothing_when_it_wakes(background: Background) -> None:
    ticket = background.import_files(background.member(), pages(1))
    sleeper = claim_job(background.database, ticket)
    assert sleeper is not None
    background.seems_silent(ticket.job_id)
    successor = claim_job(background.database, ticket)
    assert successor is not None

    with pytest.raises(JobTaken), background.database.write(sleeper.binding) as transaction:
        advance(transaction, sleeper, 1)
    with pytest.raises(JobTaken), background.database.write(sleeper.binding) as transaction:
        finish_job(transaction, sleeper, {})
    with pytest.raises(JobTaken):
        fail_job(background.database, sleeper, "It failed.")
    assert background.job(ticket)["state"] == "running"


def test_a_job_that_waits_behind_others_is_not_queued_twice(background: Background) -> None:
    background.import_files(background.member(), pages(1))
    background.admin.execute("UPDATE jobs SET created_at = created_at - interval '5 minutes'")
    assert requeue_stalled(background.database) == 0


def test_a_job_whose_message_was_lost_is_queued_again(background: Background) -> None:
    ticket = background.import_files(background.member(), pages(1))
    background.admin.execute("DELETE FROM outbox")
    background.admin.execute("UPDATE jobs SET created_at = created_at - interval '1 hour'")
    assert requeue_stalled(background.database) == 1
    background.relay()
    background.start("worker")
    assert background.ended(ticket)["state"] == "succeeded"


def test_what_may_work_later_is_tried_three_times_and_then_told(background: Background) -> None:
    ticket = background.import_files(background.member(), pages(1))

    def unavailable(_claim: Claim) -> None:
        raise Unavailable("The disk is full.")

    for attempt in (1, 2, 3):
        run_job(background.database, "import", ticket, unavailable)
        job = background.job(ticket)
        assert (job["state"], job["attempts"]) == ("queued", attempt)
    run_job(background.database, "import", ticket, unavailable)
    job = background.job(ticket)
    assert job["state"] == "failed"
    assert job["error"] == "It was given up after 3 attempts. The last one: The disk is full."


def test_an_error_that_nobody_foresaw_fails_the_job_and_is_not_hidden(
    background: Background,
) -> None:
    ticket = background.import_files(background.member(), pages(1))

    def divide(_claim: Claim) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_job(background.database, "import", ticket, divide)
    job = background.job(ticket)
    assert job["state"] == "failed"
    assert job["error"] == "An unexpected error ended it (ZeroDivisionError)."
