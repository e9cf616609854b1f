"""Reading one's own writes, also from replicas, which are a little behind.

A write answers with a Consistency-Token: its position in the history of changes. A read that
carries it misses nothing before that position. Without the header the caller's last write counts:
its position is kept in Redis for a while, under the hash of the credential. What takes access away
is kept for everybody, so that a revoked credential is refused by every server at once.

Where no purpose has replicas, nothing is asked of Redis and nothing is kept there.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from redis import Redis, RedisError

from howdah.entrypoints.web.endpoints import Header
from howdah.foundation.database import Position, Statement
from howdah.foundation.database.positions import PATTERN
from howdah.foundation.errors import InvalidInput, Unavailable

if TYPE_CHECKING:
    from howdah.entrypoints.web.calls import Call

LOG = logging.getLogger("howdah.web.consistency")
HEADER = "Consistency-Token"
IN_ENVIRON = "HTTP_CONSISTENCY_TOKEN"
CONSISTENCY_TOKEN = Header(
    "What a write answered with: this read then misses nothing that came before it.", PATTERN
)
POSITION = Statement("position", "SELECT howdah.position() AS position")
REMEMBERED_SECONDS = 600
REVOCATIONS_REMEMBERED_SECONDS = 3600
PAUSE_AFTER_FAILURE_SECONDS = 1.0
ACCESS_KEY = "howdah:position:access"
# Two writes of one caller may be noted in the wrong order: the later position stays.
KEEP_THE_LATER = """
for number, key in ipairs(KEYS) do
    local known = redis.call('GET', key)
    if not known or known < ARGV[1] then
        redis.call('SET', key, ARGV[1], 'EX', ARGV[number + 1])
    end
end
"""


class InvalidToken(InvalidInput):
    """The Consistency-Token is not one: send what a write answered with, or none."""

    code = "invalid_consistency_token"
    status = 400


class NotKnown(Unavailable):
    """Redis cannot say right now what the caller has written."""


@dataclass(slots=True)
class LastWrites:
    """Where the last write of each credential is in the history; `of` raises NotKnown."""

    redis: "Redis | Any"
    _keep: Any = field(init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _ask_again_at: float = 0.0
    _not_noted: Position | None = None
    """The latest position that Redis was not there to be told."""

    def __post_init__(self) -> None:
        self._keep = self.redis.register_script(KEEP_THE_LATER)

    def note(self, token_hash: bytes, position: Position, *, revokes: bool = False) -> None:
        """Remember a write. When Redis is away, everybody's next reads wait for it instead."""
        self._catch_up()
        keys, lives = [f"howdah:position:{token_hash.hex()}"], [REMEMBERED_SECONDS]
        if revokes:
            keys, lives = [*keys, ACCESS_KEY], [*lives, REVOCATIONS_REMEMBERED_SECONDS]
        if not self._told(keys, position, lives):
            with self._lock:
                self._not_noted = max(position, self._not_noted or position)

    def of(self, token_hash: bytes) -> Position | None:
        """The position that the caller's reads must not miss. Raises NotKnown."""
        self._catch_up()
        if time.monotonic() < self._ask_again_at:
            raise NotKnown()
        try:
            said: Any = self.redis.mget(f"howdah:position:{token_hash.hex()}", ACCESS_KEY)
        except RedisError as failure:
            self._failed(failure)
            raise NotKnown() from failure
        known = [Position.of(text.decode("ascii", "replace")) for text in said if text]
        return max((position for position in known if position), default=None)

    def _catch_up(self) -> None:
        """Tell Redis what it missed: whose write that was no longer matters."""
        missed = self._not_noted
        if missed is None or time.monotonic() < self._ask_again_at:
            return
        if self._told([ACCESS_KEY], missed, [REVOCATIONS_REMEMBERED_SECONDS]):
            with self._lock:
                if self._not_noted == missed:
                    self._not_noted = None

    def _told(self, keys: list[str], position: Position, lives: Sequence[int]) -> bool:
        if time.monotonic() < self._ask_again_at:
            return False
        try:
            self._keep(keys=keys, args=[position.sortable, *lives])
        except RedisError as failure:
            self._failed(failure)
            return False
        return True

    def _failed(self, failure: RedisError) -> None:
        self._ask_again_at = time.monotonic() + PAUSE_AFTER_FAILURE_SECONDS
        LOG.warning("last writes unknown: Redis is away (%s)", type(failure).__name__)


def token_of(call: "Call") -> Position | None:
    """The request's Consistency-Token. Raises InvalidToken."""
    text = call.headers.environ.get(IN_ENVIRON)
    if text is None:
        return None
    position = Position.of(text)
    if position is None:
        raise InvalidToken()
    return position


def written(call: "Call", said: str | None) -> None:
    """The caller has written: tell them, and whoever answers their next read, how far to look.

    `said`: what howdah.position() said after the commit.
    """
    call.position = said
    services = call.services
    if not (said and services.database.routes and call.token):
        return
    position = Position.of(said)
    if position is not None:
        services.last_writes.note(call.token_hash, position, revokes=call.endpoint.revokes)


def seen(call: "Call") -> None:
    """The caller learns that somebody else's work for them is done: as if it were their own.

    Round trips: 1, or none where there are no replicas.
    """
    if call.services.database.routes:
        written(call, call.queries.value(POSITION))
