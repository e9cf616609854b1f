"""The one typed description of a Howdah installation: pure data, no input or output.

Every number of the platform (1000 clients, 25 + 5 server connections, ports, timeouts) stands
here once; renderers, the application, tests and documentation read this object. `setting()`
carries what the field's type cannot say: the sentence of the reference page and the limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

PURPOSES = ("primary", "analytics", "dashboards", "any")
PORT_OFFSETS: Mapping[str, int] = MappingProxyType(
    {"api": 0, "pgbouncer": 32, "postgresql": 33, "redis": 79}
)


def setting(  # noqa: PLR0913  (limits of one value, all by keyword)
    default: Any,
    doc: str,
    *,
    low: float | None = None,
    high: float | None = None,
    choices: tuple[str, ...] | None = None,
    computed: str | None = None,
    address: bool = False,
) -> Any:
    """A field that users may set, with its sentence and limits.

    `computed` says in words how the default is found when the user sets nothing;
    `address` marks a host name or IP address.
    """
    metadata = {
        "doc": doc,
        "low": low,
        "high": high,
        "choices": choices,
        "computed": computed,
        "address": address,
    }
    return field(default=default, metadata=metadata)


def _port(offset: int, program: str) -> Any:
    return setting(
        0,
        f"Port of {program}.",
        low=1024,
        high=65535,
        computed=f"`ports.base` + {offset}",
    )


@dataclass(frozen=True)
class Ports:
    """TCP ports, all on the hosts of their sections; those left at 0 follow from `base`."""

    base: int = setting(
        8400, "First port of this installation; moves all ports together.", low=1024, high=65000
    )
    api: int = _port(PORT_OFFSETS["api"], "the web API")
    pgbouncer: int = _port(PORT_OFFSETS["pgbouncer"], "PgBouncer")
    postgresql: int = _port(PORT_OFFSETS["postgresql"], "PostgreSQL")
    redis: int = _port(PORT_OFFSETS["redis"], "Redis")

    def __post_init__(self) -> None:
        for name, offset in PORT_OFFSETS.items():
            if getattr(self, name) == 0:
                object.__setattr__(self, name, self.base + offset)

    def by_program(self) -> dict[str, int]:
        """Program name → port."""
        return {name: getattr(self, name) for name in PORT_OFFSETS}


@dataclass(frozen=True)
class PostgreSQL:
    """The database server. Sizes in MB, times in seconds."""

    host: str = setting("127.0.0.1", "Address PostgreSQL listens on.", address=True)
    max_connections: int = setting(
        100, "Server connections PostgreSQL accepts.", low=20, high=10000
    )
    shared_buffers_mb: int = setting(
        128,
        "Memory for PostgreSQL's page cache (MB).",
        low=16,
        high=1048576,
        computed="a quarter of the machine's memory, at least 64 and at most 1024",
    )
    effective_cache_size_mb: int = setting(
        512,
        "What the planner may assume to be cached (MB).",
        low=16,
        high=4194304,
        computed="half of the machine's memory",
    )
    work_mem_mb: int = setting(
        4,
        "Memory of one sort or hash (MB).",
        low=1,
        high=65536,
        computed="a thousandth of the machine's memory, at least 4 and at most 16",
    )
    maintenance_work_mem_mb: int = setting(
        64,
        "Memory of one index build or vacuum (MB).",
        low=16,
        high=65536,
        computed="a 64th of the machine's memory, at least 64 and at most 256",
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
class Topology:
    """Everything that configuration files, processes and the application are made from."""

    profile: str = setting("solo", "What is started.", choices=("solo",))
    ports: Ports = field(default_factory=Ports)
    postgresql: PostgreSQL = field(default_factory=PostgreSQL)
    pgbouncer: PgBouncer = field(default_factory=PgBouncer)
    redis: Redis = field(default_factory=Redis)
    api: Api = field(default_factory=Api)
    worker: Worker = field(default_factory=Worker)
    security: Security = field(default_factory=Security)
    purposes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Derive what follows from the settings: ports of sections, databases, purposes."""
        ports = self.ports
        self._derive("postgresql", replace(self.postgresql, port=ports.postgresql))
        self._derive("redis", replace(self.redis, port=ports.redis))
        self._derive("api", replace(self.api, port=ports.api))
        databases = {
            "app_db": DatabaseTarget(
                self.postgresql.host, ports.postgresql, self.postgresql.database
            )
        }
        pooler = replace(
            self.pgbouncer, port=ports.pgbouncer, databases=MappingProxyType(databases)
        )
        self._derive("pgbouncer", pooler)
        self._derive("purposes", MappingProxyType(dict.fromkeys(PURPOSES, "app_db")))

    def _derive(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def computed_defaults(memory_mb: int) -> dict[str, dict[str, int]]:
    """Section → key → value for the sizes that follow from the machine's memory (MB)."""

    def between(low: int, value: int, high: int) -> int:
        return max(low, min(value, high))

    return {
        "postgresql": {
            "shared_buffers_mb": between(64, memory_mb // 4, 1024),
            "effective_cache_size_mb": max(64, memory_mb // 2),
            "work_mem_mb": between(4, memory_mb // 1024, 16),
            "maintenance_work_mem_mb": between(64, memory_mb // 64, 256),
        }
    }
