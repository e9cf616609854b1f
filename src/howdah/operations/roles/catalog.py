"""The roles of the product and what is set for each: pure data from the topology."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from howdah.foundation.topology import Topology

SUPERUSER = "postgres"
OWNER = "howdah_owner"
WRITER = "app_write"
READER = "app_read"
BACKUP = "backup"


@dataclass(frozen=True)
class Role:
    """A login role; `settings` are the parameters that each of its sessions starts with."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)
    groups: tuple[str, ...] = ()
    """Roles of PostgreSQL's own that it is a member of."""
    sees_every_tenant: bool = False
    """Row-level security does not hold for it."""

    def parameters(self) -> tuple[str, ...]:
        """The settings as PostgreSQL stores them, sorted: `name=value`."""
        return tuple(sorted(f"{name}={value}" for name, value in self.settings.items()))


# Who takes the backups can copy every byte, so it may read every row too: it counts them, for the
# restore test to compare. It changes nothing.
_BACKUP = Role(
    BACKUP,
    {"default_transaction_read_only": "on", "log_min_error_statement": "panic"},
    # A backup of a standby begins with a checkpoint there.
    groups=("pg_monitor", "pg_read_all_data", "pg_checkpoint"),
    sees_every_tenant=True,
)


def roles_of(topology: Topology) -> tuple[Role, ...]:
    """Every role that provisioning creates, the owner first."""
    limits = _limits(topology)
    backup = (_BACKUP,) if topology.backup.enabled else ()
    return (
        # A change of the schema gives a lock up after 0.3 s. Autovacuum makes way for who waits for
        # it, but only after this long, which only a superuser may shorten.
        # Its functions tell the application how far a replica has got (migration 045); PostgreSQL
        # shows the timeline that a replica receives to members of this group only.
        Role(OWNER, {"deadlock_timeout": "100ms"}, groups=("pg_read_all_stats",)),
        Role(
            WRITER,
            limits
            | {
                "statement_timeout": _milliseconds(topology.postgresql.statement_timeout_seconds),
                # Short statements lose more to compiling and to starting workers than they gain.
                "jit": "off",
                "max_parallel_workers_per_gather": "0",
            },
        ),
        Role(READER, limits | {"default_transaction_read_only": "on"}),
        *backup,
    )


def _limits(topology: Topology) -> dict[str, str]:
    postgresql = topology.postgresql
    return {
        "lock_timeout": _milliseconds(postgresql.lock_timeout_seconds),
        "idle_in_transaction_session_timeout": _milliseconds(
            postgresql.idle_in_transaction_timeout_seconds
        ),
        # Values are bound on the client, so the text of a failed statement holds users' data.
        "log_min_error_statement": "panic",
    }


def _milliseconds(seconds: float) -> str:
    return f"{round(seconds * 1000)}ms"
