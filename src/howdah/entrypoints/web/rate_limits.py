"""Rate limits: a fixed window of a minute for each credential, or address without one.

Processes take permits from Redis a fiftieth of the limit at a time and spend them in memory, so
most requests ask Redis nothing. The limit is never exceeded; a client spread over many processes
may meet it a little early. When Redis is away requests are let through, counted and logged.
"""

import logging
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from redis import Redis, RedisError

from howdah.foundation.errors import TooManyRequests
from howdah.foundation.metrics import RATE_LIMIT_UNCHECKED, RATE_LIMITED

if TYPE_CHECKING:
    from howdah.entrypoints.web.calls import Call

Headers = list[tuple[str, str]]
LOG = logging.getLogger("howdah.web.rate_limits")
WINDOW_SECONDS = 60
LEASES_PER_WINDOW = 50
REMEMBERED_SUBJECTS = 20_000
PAUSE_AFTER_FAILURE_SECONDS = 1.0


@dataclass(slots=True)
class _Window:
    """Permits of one subject in the current minute, as this process knows them."""

    number: int
    lease: int = 0
    left_elsewhere: int = 0
    exhausted: bool = False


@dataclass(slots=True)
class RateLimits:
    """Limits per minute; `spend` raises TooManyRequests."""

    redis: "Redis | Any"
    per_credential: int
    per_address: int
    _windows: dict[str, _Window] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ask_again_at: float = 0.0

    def admit(self, call: "Call") -> Headers:
        """Count a request. Returns the headers that tell the client where it stands."""
        if call.token:
            if self._known_refusals(call.client_address):
                self.spend("refused", call.client_address, self.per_address)
            return self.spend("credential", call.token_hash.hex(), self.per_credential)
        return self.spend("address", call.client_address, self.per_address)

    def refused(self, address: str) -> None:
        """Count a request whose credentials were not accepted.

        Made-up tokens would each have a limit of their own; the address they come from has one.
        Raises TooManyRequests, from then on before the database is asked.
        """
        self.spend("refused", address, self.per_address)

    def _known_refusals(self, address: str) -> bool:
        """Whether the address has used up its refusals in this minute, as this process knows."""
        window = self._windows.get(f"refused:{address}")
        return (
            window is not None
            and window.exhausted
            and window.number == int(time.time() // WINDOW_SECONDS)
        )

    def spend(self, limit_name: str, subject: str, limit: int) -> Headers:
        """Take one permit. Raises TooManyRequests with the seconds until the next window."""
        now = time.time()
        resets_in = WINDOW_SECONDS - int(now % WINDOW_SECONDS)
        with self._lock:
            left = self._take(f"{limit_name}:{subject}", int(now // WINDOW_SECONDS), limit)
        if left is None:
            return []
        headers = [
            ("RateLimit-Policy", f'"{limit_name}";q={limit};w={WINDOW_SECONDS}'),
            ("RateLimit", f'"{limit_name}";r={max(left, 0)};t={resets_in}'),
        ]
        if left < 0:
            RATE_LIMITED.labels(limit_name).inc()
            raise TooManyRequests(
                f"More than {limit} requests a minute; wait {resets_in} s.",
                retry_after_seconds=resets_in,
                headers=headers,
            )
        return headers

    def _take(self, key: str, number: int, limit: int) -> int | None:
        """Permits left, -1 for refused, None for unchecked."""
        window = self._windows.get(key)
        if window is None or window.number != number:
            if len(self._windows) >= REMEMBERED_SUBJECTS:
                self._windows.clear()
            window = self._windows[key] = _Window(number)
        if window.exhausted:
            return -1
        if window.lease == 0 and not self._lease(window, key, limit):
            return None
        if window.lease <= 0:
            window.exhausted = True
            return -1
        window.lease -= 1
        return window.lease + window.left_elsewhere

    def _lease(self, window: _Window, key: str, limit: int) -> bool:
        """Get permits from Redis. False when it is away."""
        if time.monotonic() < self._ask_again_at:
            RATE_LIMIT_UNCHECKED.inc()
            return False
        wanted = max(1, limit // LEASES_PER_WINDOW)
        name = f"howdah:rate:{key}:{window.number}"
        try:
            pipeline = self.redis.pipeline(transaction=False)
            pipeline.incrby(name, wanted)
            pipeline.expire(name, 2 * WINDOW_SECONDS)
            used = pipeline.execute()[0]
        except RedisError as failure:
            self._ask_again_at = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
            RATE_LIMIT_UNCHECKED.inc()
            LOG.warning("rate limits unchecked: Redis is away (%s)", type(failure).__name__)
            return False
        window.lease = min(wanted, limit - (used - wanted))
        window.left_elsewhere = max(0, limit - used)
        return True
