"""Clients that write documents through the API while something breaks."""

import time
from threading import Event, Thread

from howdah.foundation.settings import Settings
from howdah.operations.drills.api_client import TIMEOUT_SECONDS, Answer, ApiClient
from howdah.operations.drills.ledger import Ledger

THREADS = 8
WRITES_PER_SECOND = 50.0
"""Of all threads together: far below what two cores do, so that a fault is what is measured, and
with the readers below the rate limit of one credential (6000 a minute)."""
RETRY_SECONDS = 0.2
GRACE_SECONDS = 12.0
"""How long a write that is under way may go on once the drill ends."""


class Writers:
    """Threads that write until told to stop; `with` starts and stops them.

    Each write is repeated with its Idempotency-Key until it is acknowledged.
    """

    def __init__(
        self,
        settings: Settings,
        slug: str,
        ledger: Ledger,
        *,
        threads: int = THREADS,
        per_second: float = WRITES_PER_SECOND,
    ):
        self.ledger = ledger
        self._settings = settings
        self._path = f"/orgs/{slug}/documents"
        self._pause_seconds = threads / per_second
        self._stop = Event()
        self._give_up_at = float("inf")
        self._threads = [
            Thread(target=self._work, args=(number / per_second,), daemon=True)
            for number in range(threads)
        ]

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, failure: type[BaseException] | None, *_: object) -> None:
        """Let writes that are under way end; after a failure nobody waits for them."""
        grace_seconds = 0.0 if failure else GRACE_SECONDS
        self._give_up_at = time.monotonic() + grace_seconds
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=grace_seconds + (0.0 if failure else TIMEOUT_SECONDS))

    def _work(self, delay_seconds: float) -> None:
        """Write at an even pace; what a wait has delayed is not made up for."""
        self._stop.wait(delay_seconds)
        with ApiClient(self._settings) as client:
            while not self._stop.is_set():
                begun = time.monotonic()
                self._write(client, self.ledger.next_key(begun))
                self._stop.wait(max(0.0, begun + self._pause_seconds - time.monotonic()))

    def _write(self, client: ApiClient, key: str) -> None:
        while True:
            answer = self._attempt(client, key)
            now = time.monotonic()
            if answer.status == 201:
                self.ledger.acknowledge(key, now)
                return
            self.ledger.fail(key, answer.kind, now)
            if now > self._give_up_at:
                return
            time.sleep(RETRY_SECONDS)

    def _attempt(self, client: ApiClient, key: str) -> Answer:
        document = {"title": key, "content": "Written while something breaks.", "tags": ["drill"]}
        return client.ask("POST", self._path, document, {"Idempotency-Key": key})
