from howdah.foundation.processes.supervisor import ProcessState
from howdah.operations.stack.start import Deaths


def _state(state: str, pid: int = 0) -> ProcessState:
    return ProcessState("api", state, pid, 0, "")


def test_a_program_that_stays_is_not_dead() -> None:
    deaths = Deaths(tolerated=0)
    states = [_state("stopped"), _state("starting", 7), _state("running", 7)]
    assert not any(deaths.too_many(state) for state in states)


def test_a_program_just_started_may_not_end() -> None:
    deaths = Deaths(tolerated=0)
    assert not deaths.too_many(_state("starting", 7))
    assert deaths.too_many(_state("backoff"))


def test_a_program_gone_before_anybody_looked_has_ended() -> None:
    assert Deaths(tolerated=0).too_many(_state("backoff"))


def test_a_program_that_came_back_with_another_process_has_ended_meanwhile() -> None:
    deaths = Deaths(tolerated=0)
    assert not deaths.too_many(_state("starting", 7))
    assert deaths.too_many(_state("starting", 8))


def test_a_program_that_ran_before_may_be_started_again_by_its_supervisor() -> None:
    deaths = Deaths(tolerated=2)
    states = [_state("running", 7), _state("exited"), _state("starting", 8), _state("running", 8)]
    assert not any(deaths.too_many(state) for state in states)
    assert not deaths.too_many(_state("starting", 9))
    assert deaths.too_many(_state("starting", 10))
