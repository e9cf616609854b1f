import inspect

import patroni.postgresql


def test_patroni_still_asks_in_the_rhythm_of_the_constant_that_we_set() -> None:
    assert hasattr(patroni.postgresql, "STOP_POLLING_INTERVAL")
    assert "time.sleep(STOP_POLLING_INTERVAL)" in inspect.getsource(patroni.postgresql)
