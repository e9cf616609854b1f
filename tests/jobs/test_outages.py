"""Redis goes away and comes back: nothing is lost, nothing is done twice."""

import time

from tests.jobs.background import Background, pages, wait_until


def test_jobs_created_while_redis_is_down_all_run_once_in_effect(background: Background) -> None:
    background.redis.stop()
    relay, worker = background.start("relay"), background.start("worker")
    members = [background.member() for _ in range(5)]

    tickets = [background.import_files(member, pages(3)) for member in members]
    wait_until(lambda: relay.lines("warning"), "the relay notices")
    assert background.waiting_messages() == 5

    background.redis.start()
    for ticket, member in zip(tickets, members, strict=True):
        job = background.ended(ticket)
        assert (job["state"], job["attempts"]) == ("succeeded", 1)
        assert job["result"]["created"] == 3
        assert [row[3] for row in background.documents(member)] == [1, 1, 1]
    assert worker.process.poll() is None


def test_an_outage_is_said_once_and_not_every_second(background: Background) -> None:
    background.redis.stop()
    relay, worker = background.start("relay"), background.start("worker")
    background.import_files(background.member(), pages(1))
    wait_until(lambda: relay.lines("warning") and worker.lines("warning"), "both notice")
    time.sleep(2)
    assert [len(program.lines("warning")) for program in (relay, worker)] == [1, 1]

    background.redis.start()
    wait_until(lambda: relay.says("it works again"), "the relay says that it works again")
    assert not relay.lines("error")


def test_a_running_worker_says_an_outage_once_too(background: Background) -> None:
    worker = background.start("worker")
    wait_until(lambda: worker.says("worker started"), "the worker starts")
    time.sleep(2)
    background.redis.stop()
    time.sleep(6)
    assert len(worker.lines("warning")) == 1
    assert len(worker.lines("error")) <= 1
    background.redis.start()
    wait_until(lambda: worker.says("it works again"), "the worker says that it works again")


def test_background_processes_stop_on_request_while_redis_is_down(background: Background) -> None:
    background.redis.stop()
    background.import_files(background.member(), pages(1))
    programs = [background.start("relay"), background.start("worker")]
    wait_until(lambda: all(program.lines("warning") for program in programs), "both notice")
    assert [program.stop() for program in programs] == [0, 0]


def test_a_worker_that_loses_redis_goes_on_when_it_is_back(background: Background) -> None:
    worker = background.start("worker")
    wait_until(lambda: worker.says("worker started"), "the worker starts")
    time.sleep(1)
    background.redis.stop()
    time.sleep(1)
    ticket = background.import_files(background.member(), pages(1))
    background.redis.start()
    background.relay()
    assert background.ended(ticket)["state"] == "succeeded"
    assert worker.stop() == 0
