"""The services of one API process, made from the settings."""

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from howdah.entrypoints.web.consistency import LastWrites
from howdah.entrypoints.web.patience import Patience
from howdah.entrypoints.web.rate_limits import RateLimits
from howdah.entrypoints.web.search_counts import SearchCounts
from howdah.entrypoints.web.services import OrganizationIds, Services
from howdah.entrypoints.web.touches import Touches
from howdah.foundation.database import Database
from howdah.foundation.settings import Settings
from howdah.foundation.topology import Topology

REDIS_TIMEOUT_SECONDS = 0.25


def open_services(settings: Settings) -> Services:
    """Open pools and clients; each connects when first used."""
    database = Database.open(
        settings, size=settings.topology.api.pool_size, application_name="howdah api"
    )
    redis = Redis(
        host=settings.topology.redis.host,
        port=settings.topology.redis.port,
        password=settings.secret("redis"),
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        # By default it tries ten times and pauses in between, for seconds, while a request waits.
        retry=Retry(NoBackoff(), 0),
    )
    api = settings.topology.api
    return Services(
        settings=settings,
        database=database,
        organization_ids=OrganizationIds(database),
        rate_limits=RateLimits(redis, api.requests_per_minute, api.anonymous_requests_per_minute),
        redis=redis,
        search_counts=SearchCounts(database),
        last_writes=LastWrites(redis),
        patience=patience_of(settings.topology),
        touches=Touches(database),
    )


def patience_of(topology: Topology) -> Patience:
    """One server has nobody to take over: there, waiting would only keep threads."""
    seconds = topology.cluster.retry_seconds if topology.clustered else 0.0
    return Patience(seconds, places=max(1, topology.api.threads * 3 // 4))
