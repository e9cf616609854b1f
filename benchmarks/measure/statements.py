"""CPU of one statement in its own PostgreSQL backend."""

from collections.abc import Callable

import psycopg
from psycopg.rows import TupleRow

from benchmarks.measure.cpu import thread_seconds

Connection = psycopg.Connection[TupleRow]
Work = Callable[[], object]

# Shorter turns drown in the cost of reading the clock and of waking the backend.
SHORTEST_TURN_SECONDS = 0.05
_MOST_REPETITIONS = 2_000
# The same for both sides of a comparison: one process, no compilation.
SESSION = {
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "statement_timeout": "0",
}


def statement_cost(connection: Connection, work: Work) -> Callable[[], float]:
    """A measurement: backend CPU seconds of one call of `work`.

    It is repeated as often as precision asks; how often is settled at the first call and stays.
    """
    pid = connection.info.backend_pid
    repetitions = 0

    def once(times: int) -> float:
        before = thread_seconds(pid)
        for _ in range(times):
            work()
        return thread_seconds(pid) - before

    def measured() -> float:
        nonlocal repetitions
        if repetitions == 0:
            once(2)
            single = max(once(3) / 3, 1e-6)
            repetitions = max(1, min(_MOST_REPETITIONS, round(SHORTEST_TURN_SECONDS / single)))
        return once(repetitions) / repetitions

    return measured


def discarded(connection: Connection, query: str) -> Work:
    """Runs the query to its end without sending the rows: a cursor that is moved over all of them.

    The planner is told that all rows are wanted. Only the work that the query needs is counted.
    """
    connection.execute("SET cursor_tuple_fraction = 1")
    script = f"BEGIN; DECLARE c NO SCROLL CURSOR FOR {query}; MOVE ALL IN c; COMMIT".encode()
    return lambda: connection.execute(script)
