"""What is known of a cluster at one moment, as data. Pure."""

from dataclasses import dataclass, field

PRIMARY, SYNCHRONOUS, STANDBY, REPLICA, UNKNOWN = (
    "primary",
    "synchronous standby",
    "standby",
    "replica",
    "unknown",
)


@dataclass(frozen=True)
class MemberView:
    """One member. Figures are None where nobody could tell them.

    `state` is Patroni's word (`running`, `creating replica`, `stopped` …), or `unreachable`;
    `replication` the primary's (`streaming`, `catchup` …), empty when it is not connected there;
    `trouble` says why it could not be asked. `started_at` is when its PostgreSQL started.
    """

    name: str
    zone: str
    role: str
    state: str
    timeline: int | None = None
    lag_bytes: int | None = None
    lag_seconds: float | None = None
    synchronous: bool = False
    replication: str | None = None
    pending_restart: bool = False
    replay_paused: bool = False
    started_at: str = ""
    trouble: str = ""

    @property
    def running(self) -> bool:
        """Whether its PostgreSQL answers."""
        return self.state == "running"

    @property
    def streaming(self) -> bool:
        """Whether it follows the primary as it should."""
        return self.running and self.replication == "streaming"


@dataclass(frozen=True)
class ClusterView:
    """The members together. `leader` holds the lease; None when nobody does.

    `unanswered`: sentences about sources that could not be asked.
    """

    members: tuple[MemberView, ...]
    leader: str | None = None
    sync_standby: str | None = None
    paused: bool = False
    without_etcd: bool = False
    """Whether the primary goes on by the consent of the members, because etcd is away."""
    unanswered: tuple[str, ...] = ()

    def member(self, name: str) -> MemberView | None:
        """The member of that name."""
        return next((item for item in self.members if item.name == name), None)

    @property
    def timeline(self) -> int | None:
        """The leader's timeline."""
        leading = self.member(self.leader) if self.leader else None
        return leading.timeline if leading else None


@dataclass(frozen=True)
class ServerView:
    """One member as HAProxy sees it in a route."""

    name: str
    state: str
    """`up`, `down`, `maint`, `drain`; HAProxy's word in lower case."""
    backup: bool
    sessions: int
    follows_another: bool = False
    """Whether its health is that of the same member in another route."""
    check: str = ""


@dataclass(frozen=True)
class RouteView:
    """A purpose and who serves it now."""

    purpose: str
    servers: tuple[ServerView, ...]

    @property
    def serving(self) -> tuple[str, ...]:
        """Those that new connections go to."""
        up = [server for server in self.servers if server.state == "up"]
        own = [server.name for server in up if not server.backup]
        return tuple(own) if own else tuple(server.name for server in up[:1])

    @property
    def on_fallback(self) -> bool:
        """Whether none of its own servers serves and another stands in."""
        own = any(item.state == "up" for item in self.servers if not item.backup)
        return not own and any(item.state == "up" for item in self.servers)


@dataclass(frozen=True)
class PoolView:
    """One PgBouncer database: its clients, its server connections, whether it is paused."""

    database: str
    clients_active: int
    clients_waiting: int
    longest_wait_seconds: float
    server_connections: int
    server_limit: int
    paused: bool


@dataclass(frozen=True)
class EtcdView:
    """One member of etcd; `trouble` is empty when it is healthy."""

    name: str
    trouble: str = ""


@dataclass(frozen=True)
class ClusterStatus:
    """Everything `cluster status` shows; sources that could not be asked are in `unanswered`."""

    cluster: ClusterView
    routes: tuple[RouteView, ...] = ()
    pools: tuple[PoolView, ...] = ()
    etcd: tuple[EtcdView, ...] = ()
    certificates: tuple[str, ...] = ()
    """Sentences about certificates that expire soon or cannot be read."""
    operation: str = ""
    """Who changes the cluster right now, in words."""
    unanswered: tuple[str, ...] = ()
    wrong: tuple[str, ...] = field(default=())
    """What is wrong, in words; empty when nothing is."""
