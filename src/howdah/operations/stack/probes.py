"""Whether a program really serves: each probe does what its clients do, and raises NotReady.

Each takes the settings and the program's PID as supervisord knows it.
"""

import http.client
from typing import TYPE_CHECKING

import psycopg

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings

if TYPE_CHECKING:
    from redis import Redis

TIMEOUT_SECONDS = 3


class NotReady(Unavailable):
    """The program runs and does not serve yet."""


def runs(_: Settings, pid: int) -> None:
    """For programs that listen nowhere: being there is all that can be asked."""
    if not pid:
        raise NotReady


def postgresql_answers(settings: Settings, _: int) -> None:
    """A query straight to PostgreSQL."""
    topology = settings.topology
    _query(settings, topology.postgresql_host, topology.ports.postgresql, "postgres", "postgres")


def pgbouncer_answers(settings: Settings, _: int) -> None:
    """A query of the application's role through PgBouncer."""
    topology = settings.topology
    database = topology.purposes["primary"]
    _query(settings, topology.pgbouncer.host, topology.ports.pgbouncer, "app_write", database)


def primary_answers(settings: Settings, _: int) -> None:
    """A query to the server that takes writes."""
    topology = settings.topology
    host, port = topology.postgresql_host, topology.ports.postgresql
    if _query(settings, host, port, "postgres", "postgres"):
        raise NotReady("it leads to a server that takes no writes (yet)")


def _query(settings: Settings, host: str, port: int, role: str, database: str) -> bool:
    """Whether the server that answers only follows another. Raises NotReady."""
    try:
        with psycopg.connect(
            host=host,
            port=port,
            user=role,
            password=settings.secret(role),
            dbname=database,
            connect_timeout=TIMEOUT_SECONDS,
            autocommit=True,
            prepare_threshold=None,
            **settings.transport_security,
        ) as connection:
            row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
            return bool(row and row[0])
    except psycopg.Error as failure:
        raise NotReady(str(failure).strip().splitlines()[-1]) from failure


def redis_answers(settings: Settings, _: int) -> None:
    """A PING."""
    import redis  # noqa: PLC0415  (slow to import; only this probe and the next need it)

    try:
        with _redis_client(settings) as client:
            client.ping()
    except redis.RedisError as failure:
        raise NotReady(str(failure)) from failure


def worker_is_registered(queue: str, settings: Settings, pid: int) -> None:
    """RQ lists a worker of this process for that queue, so that it takes jobs."""
    import redis  # noqa: PLC0415  (as above)

    try:
        with _redis_client(settings) as client:
            workers = client.smembers(f"rq:workers:{queue}")
            pids = {client.hget(key, "pid") for key in workers}
    except redis.RedisError as failure:
        raise NotReady(str(failure)) from failure
    if str(pid).encode() not in pids:
        raise NotReady("it has not registered with Redis yet")


def _redis_client(settings: Settings) -> "Redis":
    import redis  # noqa: PLC0415  (as above)
    from redis.backoff import NoBackoff  # noqa: PLC0415
    from redis.retry import Retry  # noqa: PLC0415

    return redis.Redis(
        host=settings.topology.redis.host,
        port=settings.topology.ports.redis,
        password=settings.secret("redis"),
        socket_timeout=TIMEOUT_SECONDS,
        socket_connect_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),  # who waits for a program asks again anyway
    )


def api_is_ready(settings: Settings, _: int) -> None:
    """`GET /readyz` says that the API can serve."""
    topology = settings.topology
    connection = http.client.HTTPConnection(
        topology.api.host, topology.ports.api, timeout=TIMEOUT_SECONDS
    )
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        body = answer.read(500).decode(errors="replace")
    except (OSError, http.client.HTTPException) as failure:
        raise NotReady(f"/readyz: {failure}") from failure
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise NotReady(f"/readyz answered {answer.status}: {body}")
