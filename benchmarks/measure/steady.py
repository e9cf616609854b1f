"""A steady load: so many requests a second, whether the last was answered or not.

Latency counts from the moment a request was due, so a server that stops for a second is seen by
every request of that second (open loop), not by one.
"""

import http.client
import random
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from benchmarks.measure.clients import Request

TIMEOUT_SECONDS = 30.0
THREADS = 32


@dataclass(frozen=True)
class Answered:
    """When it was due (monotonic seconds), how long it took from then, and whether it went well."""

    due: float
    seconds: float
    status: int

    @property
    def failed(self) -> bool:
        return not 200 <= self.status < 300


@dataclass(frozen=True)
class Span:
    """The requests that were due within some time."""

    requests: int
    failed: int
    p50_ms: float
    p99_ms: float
    max_ms: float


class SteadyLoad:
    """`with` starts it and ends it; `span` says what came of the requests of some time."""

    def __init__(
        self, port: int, token: str, requests: Sequence[Request], rate: float, seed: int = 7
    ) -> None:
        self._port, self._token, self._rate = port, token, rate
        self._requests = requests
        self._choose = random.Random(seed)
        self._begun = 0.0
        self._sent = 0
        self._turn = threading.Lock()
        self._ended = threading.Event()
        self._answers: list[Answered] = []
        self._threads = [threading.Thread(target=self._drive) for _ in range(THREADS)]

    def __enter__(self) -> Self:
        self._begun = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def span(self, begin: float, end: float) -> Span:
        """Of the requests that were due between the two moments (monotonic seconds)."""
        found = [item for item in list(self._answers) if begin <= item.due < end]
        times = sorted(1000 * item.seconds for item in found) or [0.0]
        return Span(
            requests=len(found),
            failed=sum(item.failed for item in found),
            p50_ms=times[len(times) // 2],
            p99_ms=times[min(len(times) - 1, int(0.99 * len(times)))],
            max_ms=times[-1],
        )

    def _drive(self) -> None:
        connection = self._connect()
        while not self._ended.is_set():
            due, request = self._next()
            if self._ended.wait(max(0.0, due - time.monotonic())):
                break
            status = self._ask(connection, request)
            self._answers.append(Answered(due, time.monotonic() - due, status))
        connection.close()

    def _next(self) -> tuple[float, Request]:
        with self._turn:
            self._sent += 1
            return self._begun + self._sent / self._rate, self._choose.choice(self._requests)

    def _ask(self, connection: http.client.HTTPConnection, request: Request) -> int:
        """The status; 0 for a request that broke off."""
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
        }
        try:
            connection.request(request.method, request.path, request.body or None, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            return 0
        return answer.status

    def _connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
