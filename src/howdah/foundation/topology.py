"""The one typed description of a Howdah installation: pure data, no input or output.

Every number of the platform (1000 clients, 25 + 5 server connections, ports, timeouts) stands
once, in the sections; renderers, the application, tests and documentation read this object.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from howdah.foundation.topology_members import (
    PURPOSES,
    EtcdMember,
    Member,
    default_members,
    etcd_members,
    placed,
)
from howdah.foundation.topology_sections import (
    ROUTES,
    Api,
    Backup,
    Cluster,
    DatabaseTarget,
    Haproxy,
    PgBouncer,
    Ports,
    PostgreSQL,
    Redis,
    Security,
    Worker,
)
from howdah.foundation.topology_settings import setting

__all__ = [
    "PURPOSES",
    "ROUTES",
    "Api",
    "Backup",
    "Cluster",
    "DatabaseTarget",
    "EtcdMember",
    "Haproxy",
    "Member",
    "PgBouncer",
    "Ports",
    "PostgreSQL",
    "Redis",
    "Security",
    "Topology",
    "Worker",
    "computed_defaults",
]


@dataclass(frozen=True)
class Topology:
    """Everything that configuration files, processes and the application are made from."""

    profile: str = setting(
        "solo",
        "What is started: one PostgreSQL, or the cluster.",
        choices=("solo", "full"),
        computed="what the home was made with; else solo",
    )
    ports: Ports = field(default_factory=Ports)
    postgresql: PostgreSQL = field(default_factory=PostgreSQL)
    pgbouncer: PgBouncer = field(default_factory=PgBouncer)
    redis: Redis = field(default_factory=Redis)
    api: Api = field(default_factory=Api)
    worker: Worker = field(default_factory=Worker)
    security: Security = field(default_factory=Security)
    cluster: Cluster = field(default_factory=Cluster)
    haproxy: Haproxy = field(default_factory=Haproxy)
    backup: Backup = field(default_factory=Backup)
    members: tuple[Member, ...] = ()
    etcd_members: tuple[EtcdMember, ...] = ()
    purposes: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Derive what follows from the settings: ports, members, databases, purposes."""
        ports = self.ports
        self._derive("postgresql", replace(self.postgresql, port=ports.postgresql))
        self._derive("redis", replace(self.redis, port=ports.redis))
        self._derive("api", replace(self.api, port=ports.api))
        if self.clustered:
            self._derive("members", self._placed(self.members or default_members()))
            self._derive("etcd_members", self._etcd())
        databases = MappingProxyType(self._clustered() if self.clustered else self._single())
        self._derive(
            "pgbouncer", replace(self.pgbouncer, port=ports.pgbouncer, databases=databases)
        )
        names = {purpose: f"app_db_{purpose}" for purpose in ROUTES} if self.clustered else {}
        purposes = {purpose: names.get(purpose, "app_db") for purpose in PURPOSES}
        self._derive("purposes", MappingProxyType(purposes))

    @property
    def clustered(self) -> bool:
        """Whether PostgreSQL is a cluster under Patroni, and every connection is encrypted."""
        return self.profile == "full"

    @property
    def postgresql_host(self) -> str:
        """Where the primary is reached without PgBouncer, on `ports.postgresql`."""
        return self.haproxy.host if self.clustered else self.postgresql.host

    def member(self, name: str) -> Member:
        """The member of that name; KeyError when there is none."""
        for member in self.members:
            if member.name == name:
                return member
        raise KeyError(name)

    def zones(self) -> tuple[str, ...]:
        """The zones that members are in, sorted."""
        return tuple(sorted({member.zone for member in self.members}))

    def _placed(self, members: tuple[Member, ...]) -> tuple[Member, ...]:
        return placed(members, self.ports.base, zone_networks=self.cluster.zone_networks)

    def _etcd(self) -> tuple[EtcdMember, ...]:
        cluster = self.cluster
        return etcd_members(
            cluster.etcd_members, self.ports.base, zone_networks=cluster.zone_networks
        )

    def _single(self) -> dict[str, DatabaseTarget]:
        host, name = self.postgresql.host, self.postgresql.database
        return {"app_db": DatabaseTarget(host, self.ports.postgresql, name)}

    def _clustered(self) -> dict[str, DatabaseTarget]:
        host, name = self.haproxy.host, self.postgresql.database
        replicas = sum(not member.candidate for member in self.members)
        targets = {"app_db": DatabaseTarget(host, self.ports.postgresql, name)}
        for purpose in ROUTES:
            kept = 2 * replicas if purpose == "any" else 0
            port_number = getattr(self.ports, purpose)
            targets[f"app_db_{purpose}"] = DatabaseTarget(host, port_number, name, kept)
        return targets

    def _derive(self, name: str, value: object) -> None:
        object.__setattr__(self, name, value)


def computed_defaults(memory_mb: int, servers: int = 1) -> dict[str, dict[str, int]]:
    """Section → key → value for the sizes that follow from the machine's memory (MB).

    `servers`: PostgreSQL servers that share it.
    """
    memory_mb //= servers

    def between(low: int, value: int, high: int) -> int:
        return max(low, min(value, high))

    return {
        "postgresql": {
            "max_connections": 100 if servers == 1 else 200,
            "shared_buffers_mb": between(64, memory_mb // 4, 1024),
            "effective_cache_size_mb": max(64, memory_mb // 2),
            "work_mem_mb": between(4, memory_mb // 1024, 16),
            "maintenance_work_mem_mb": between(64, memory_mb // 64, 256),
        }
    }
