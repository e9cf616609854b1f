"""What Redis remembers of callers' writes, and what holds while it cannot."""

from collections.abc import Callable, Iterator
from pathlib import Path
from secrets import token_bytes

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from howdah.entrypoints.web import consistency
from howdah.entrypoints.web.consistency import LastWrites, NotKnown
from howdah.foundation.database import Position
from tests.jobs.background import RedisServer

EARLIER, LATER = Position(1, 0x1_0000_0000), Position(2, 0x10)
PASSWORD = "of this test's Redis"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RedisServer]:
    monkeypatch.setattr(consistency, "PAUSE_AFTER_FAILURE_SECONDS", 0.0)
    found = RedisServer(tmp_path, PASSWORD)
    found.start()
    yield found
    found.stop()


@pytest.fixture
def process(server: RedisServer) -> Iterator[Callable[[], LastWrites]]:
    """Makes what one process of the API knows; all of them share the Redis."""
    clients = []

    def make() -> LastWrites:
        client = Redis(port=server.port, password=PASSWORD, retry=Retry(NoBackoff(), 0))
        clients.append(client)
        return LastWrites(client)

    yield make
    for client in clients:
        client.close()


def test_every_process_knows_the_latest_write_of_a_credential(
    process: Callable[[], LastWrites],
) -> None:
    one, other, mine = process(), process(), token_bytes(32)
    assert other.of(mine) is None
    one.note(mine, LATER)
    one.note(mine, EARLIER)  # two requests at once may be noted the other way round
    assert other.of(mine) == LATER
    assert other.of(token_bytes(32)) is None


def test_what_takes_access_away_counts_for_everybody(process: Callable[[], LastWrites]) -> None:
    one, other = process(), process()
    one.note(token_bytes(32), EARLIER, revokes=True)
    assert other.of(token_bytes(32)) == EARLIER


def test_without_redis_nobody_pretends_to_know(
    server: RedisServer, process: Callable[[], LastWrites]
) -> None:
    known = process()
    known.of(token_bytes(32))
    server.stop()
    with pytest.raises(NotKnown):
        known.of(token_bytes(32))


def test_a_write_that_redis_missed_is_told_to_it_for_everybody(
    server: RedisServer, process: Callable[[], LastWrites]
) -> None:
    one, other, mine = process(), process(), token_bytes(32)
    server.stop()
    one.note(mine, EARLIER)
    one.note(mine, LATER)
    server.start()
    assert one.of(token_bytes(32)) == LATER
    assert other.of(mine) == LATER


def test_positions_are_forgotten_when_every_replica_has_them(
    process: Callable[[], LastWrites],
) -> None:
    known, mine = process(), token_bytes(32)
    known.note(mine, EARLIER, revokes=True)
    names = (f"howdah:position:{mine.hex()}", consistency.ACCESS_KEY)
    lives = [known.redis.ttl(name) for name in names]
    assert 0 < lives[0] <= consistency.REMEMBERED_SECONDS
    assert 0 < lives[1] <= consistency.REVOCATIONS_REMEMBERED_SECONDS
