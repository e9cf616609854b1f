"""The connection to Redis."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from howdah.foundation.settings import Settings

CONNECT_TIMEOUT_SECONDS = 2.0
ANSWER_TIMEOUT_SECONDS = 5.0
SERIALIZER = "json"
"""How RQ writes arguments. Its default, pickle, would run code for whoever can write to Redis."""


def connect_redis(settings: Settings) -> Redis:
    """A client of the queue's Redis; it connects when first used.

    A command is tried once more on a new connection, so that a restarted Redis goes unnoticed;
    an absent one is told at once, as redis.RedisError.
    """
    redis = settings.topology.redis
    return Redis(
        host=redis.host,
        port=redis.port,
        password=settings.secret("redis"),
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        socket_timeout=ANSWER_TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 1),
    )
