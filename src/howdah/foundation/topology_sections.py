"""The sections of the settings, each a frozen dataclass. Pure.

Units are in the names; what a field accepts stands beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from howdah.foundation.topology_settings import port, setting

PORT_OFFSETS: Mapping[str, int] = MappingProxyType(
    {
        "api": 0,
        "pgbouncer": 32,
        "postgresql": 33,
        "analytics": 34,
        "dashboards": 35,
        "any": 36,
        "haproxy": 37,
        "redis": 79,
    }
)
ROUTES = ("analytics", "dashboards", "any")
"""Purposes that HAProxy leads to replicas, each on its port."""
SOLO_PORTS = ("api", "pgbouncer", "postgresql", "redis")


@dataclass(frozen=True)
class Ports:
    """TCP ports, all on the hosts of their sections; those left at 0 follow from `base`."""

    base: int = setting(
        8400, "First port of this installation; moves all ports together.", low=1024, high=65000
    )
    api: int = port(PORT_OFFSETS["api"], "the web API")
    pgbouncer: int = port(PORT_OFFSETS["pgbouncer"], "PgBouncer")
    postgresql: int = port(
        PORT_OFFSETS["postgresql"], "PostgreSQL; with `full`, HAProxy's way to the primary"
    )
    analytics: int = port(PORT_OFFSETS["analytics"], "HAProxy's way to the analytics replica")
    dashboards: int = port(PORT_OFFSETS["dashboards"], "HAProxy's way to the dashboards replica")
    any: int = port(PORT_OFFSETS["any"], "HAProxy's way to all replicas in turn")
    haproxy: int = port(PORT_OFFSETS["haproxy"], "HAProxy's own state and metrics (HTTP)")
    redis: int = port(PORT_OFFSETS["redis"], "Redis")

    def __post_init__(self) -> None:
        for name, offset in PORT_OFFSETS.items():
            if getattr(self, name) == 0:
                object.__setattr__(self, name, self.base + offset)

    def by_program(self, *, clustered: bool = False) -> dict[str, int]:
        """What listens → port."""
        return {
            name: getattr(self, name) for name in PORT_OFFSETS if clustered or name in SOLO_PORTS
        }


@dataclass(frozen=True)
class PostgreSQL:
    """The database server. Sizes in MB, times in seconds."""

    host: str = setting("127.0.0.1", "Address PostgreSQL listens on.", address=True)
    max_connections: int = setting(
        100,
        "Server connections PostgreSQL accepts.",
        low=20,
        high=10000,
        computed="100; 200 with `full`, where one server may have to serve every purpose",
    )
    shared_buffers_mb: int = setting(
        128,
        "Memory for PostgreSQL's page cache (MB).",
        low=16,
        high=1048576,
        computed="a quarter of the memory it has (with `full`: the machine's, shared by the "
        "members), at least 64 and at most 1024",
    )
    effective_cache_size_mb: int = setting(
        512,
        "What the planner may assume to be cached (MB).",
        low=16,
        high=4194304,
        computed="half of the memory it has",
    )
    work_mem_mb: int = setting(
        4,
        "Memory of one sort or hash (MB).",
        low=1,
        high=65536,
        computed="a thousandth of the memory it has, at least 4 and at most 16",
    )
    maintenance_work_mem_mb: int = setting(
        64,
        "Memory of one index build or vacuum (MB).",
        low=16,
        high=65536,
        computed="a 64th of the memory it has, at least 64 and at most 256",
    )
    max_wal_size_mb: int = setting(2048, "WAL between two checkpoints (MB).", low=80, high=1048576)
    statement_timeout_seconds: float = setting(
        5.0, "Longest statement of the application.", low=0.1, high=3600
    )
    lock_timeout_seconds: float = setting(
        2.0, "Longest wait of the application for a lock.", low=0.1, high=3600
    )
    idle_in_transaction_timeout_seconds: float = setting(
        10.0, "Longest pause of the application inside a transaction.", low=0.1, high=3600
    )
    database: str = "production"
    port: int = 8433


@dataclass(frozen=True)
class DatabaseTarget:
    """What one PgBouncer database name leads to."""

    host: str
    port: int
    dbname: str
    min_pool_size: int = 0
    """Server connections kept open, so that turns can be taken from the first query on."""


@dataclass(frozen=True)
class PgBouncer:
    """The connection pooler."""

    host: str = setting("127.0.0.1", "Address PgBouncer listens on.", address=True)
    pool_mode: str = setting(
        "transaction",
        "When a server connection goes back to the pool.",
        choices=("transaction",),
    )
    max_client_conn: int = setting(
        1000, "Client connections PgBouncer accepts.", low=10, high=100000
    )
    default_pool_size: int = setting(
        25, "Server connections of one pool (user, database).", low=1, high=10000
    )
    reserve_pool_size: int = setting(
        5, "Further server connections of a pool whose clients wait.", low=0, high=10000
    )
    reserve_pool_timeout_seconds: int = setting(
        5, "Waiting time after which the reserve is used.", low=1, high=3600
    )
    max_db_connections: int = setting(
        30,
        "Server connections of all pools of a database together.",
        low=1,
        high=10000,
        computed="`pgbouncer.default_pool_size` + `pgbouncer.reserve_pool_size`",
    )
    query_wait_timeout_seconds: int = setting(
        10, "Longest wait of a client for a server connection.", low=1, high=3600
    )
    port: int = 8432
    databases: Mapping[str, DatabaseTarget] = field(default_factory=dict)


@dataclass(frozen=True)
class Redis:
    """The job queue."""

    host: str = setting("127.0.0.1", "Address Redis listens on.", address=True)
    max_memory_mb: int = setting(
        256, "Memory Redis may fill before it refuses new jobs (MB).", low=16, high=1048576
    )
    port: int = 8479


@dataclass(frozen=True)
class Api:
    """The web API."""

    host: str = setting("127.0.0.1", "Address the API listens on.", address=True)
    workers: int = setting(2, "Processes that serve requests.", low=1, high=256)
    threads: int = setting(8, "Requests that one process serves at a time.", low=1, high=256)
    pool_size: int = setting(
        8,
        "Connections to PgBouncer of one process; more statements at a time than the database has "
        "cores for make each of them slower.",
        low=1,
        high=256,
        computed="two a core, shared by `api.workers`; at least 2, at most `api.threads`",
    )
    backlog: int = setting(
        2048,
        "Connections that wait to be accepted before new ones are refused.",
        low=128,
        high=65535,
    )
    requests_per_minute: int = setting(
        6000, "Requests of one credential in a minute.", low=1, high=10_000_000
    )
    anonymous_requests_per_minute: int = setting(
        300, "Requests without credentials from one address in a minute.", low=1, high=10_000_000
    )
    max_body_bytes: int = setting(
        8 * 1024 * 1024, "Largest JSON body of a request (bytes).", low=1024, high=1024**3
    )
    max_import_bytes: int = setting(
        64 * 1024 * 1024, "Largest archive of an import (bytes).", low=1024, high=1024**3
    )
    max_content_bytes: int = setting(
        1024 * 1024, "Largest document content (bytes).", low=1024, high=64 * 1024 * 1024
    )
    port: int = 8400


@dataclass(frozen=True)
class Worker:
    """Background jobs."""

    count: int = setting(1, "Worker processes.", low=1, high=64)


@dataclass(frozen=True)
class Security:
    """Sign-in."""

    session_days: int = setting(14, "Days until a sign-in expires.", low=1, high=365)
    sign_in_attempts_per_minute: int = setting(
        10,
        "Failed and successful sign-ins for one account, and from one address, in a minute.",
        low=1,
        high=10_000_000,
    )
    invitation_days: int = setting(7, "Days until an invitation expires.", low=1, high=365)


@dataclass(frozen=True)
class Haproxy:
    """The way to whoever leads and to the replicas; only with the profile `full`."""

    host: str = setting("127.0.0.1", "Address HAProxy listens on.", address=True)


@dataclass(frozen=True)
class Cluster:
    """Patroni's cluster of the profile `full`. Times in seconds, sizes in MB."""

    name: str = "production"
    ttl_seconds: int = setting(
        8,
        "The primary's lease: this long after its last sign of life another takes over.",
        low=5,
        high=300,
    )
    loop_wait_seconds: int = setting(
        1, "Pause between two looks of Patroni at its member.", low=1, high=60
    )
    retry_timeout_seconds: int = setting(
        2,
        "How long Patroni goes on asking when etcd or PostgreSQL does not answer.",
        low=1,
        high=100,
    )
    strict_synchronous: bool = setting(
        False, "Whether writes wait when there is no synchronous standby, rather than go on."
    )
    etcd_members: int = setting(1, "Members of etcd; an odd number.", low=1, high=7)
    zone_networks: bool = setting(
        False, "Whether each zone has a network (Linux namespace) of its own; needs root."
    )
    lag_limit_mb: int = setting(
        16,
        "WAL a replica may be behind and still serve dashboards and `any` (MB).",
        low=1,
        high=1048576,
    )
    analytics_lag_limit_mb: int = setting(
        256, "WAL a replica may be behind and still serve analytics (MB).", low=1, high=1048576
    )
    analytics_falls_back: bool = setting(
        True, "Whether analytics ask the primary when no replica serves."
    )
    dashboards_falls_back: bool = setting(
        True, "Whether dashboards ask the primary when no replica serves."
    )
    any_falls_back: bool = setting(
        True, "Whether other reads ask the primary when no replica serves."
    )
    replica_wait_seconds: float = setting(
        0.2,
        "How long a read waits for a replica to have the caller's own writes, before it asks "
        "the primary.",
        low=0.0,
        high=10,
    )
    retry_seconds: float = setting(
        12.0,
        "How long a request that lost its connection is tried again, if that is safe.",
        low=0.0,
        high=120,
    )

    def falls_back(self, purpose: str) -> bool:
        """Whether reads of that purpose may end on the primary."""
        return bool(getattr(self, f"{purpose}_falls_back"))

    def lag_limit_bytes(self, purpose: str) -> int:
        """WAL a replica may be behind and still serve that purpose."""
        mb = self.analytics_lag_limit_mb if purpose == "analytics" else self.lag_limit_mb
        return mb * 1024 * 1024


@dataclass(frozen=True)
class Backup:
    """Backups and the archive of WAL, kept by pgBackRest. Times in days and seconds."""

    enabled: bool = setting(
        False,
        "Whether WAL is archived and backups are taken.",
        computed="true with `full`, false with `solo`",
    )
    repository: str = setting(
        "posix",
        "Where backups and WAL are kept: a folder, or an S3 bucket.",
        choices=("posix", "s3"),
    )
    path: str = setting(
        "",
        "The repository's folder; with `s3`, the path in the bucket.",
        computed="`repository` in HOWDAH_HOME; with `s3`, `/howdah`",
    )
    s3_endpoint: str = setting(
        "", "Host name of the S3 service, which speaks TLS.", computed="none; needed with `s3`"
    )
    s3_port: int = setting(443, "Port of the S3 service.", low=1, high=65535)
    s3_bucket: str = setting("", "The bucket.", computed="none; needed with `s3`")
    s3_region: str = setting("us-east-1", "The bucket's region.")
    s3_ca_file: str = setting(
        "",
        "The authorities that the S3 service's certificate is checked with (a file).",
        computed="the system's",
    )
    retention_days: int = setting(
        30, "Days that can be gone back; older backups are deleted.", low=1, high=3650
    )
    archive_timeout_seconds: int = setting(
        30, "Longest time until what was written is archived.", low=5, high=3600
    )
    processes: int = setting(
        2, "Processes that read, compress and encrypt a backup.", low=1, high=64
    )
