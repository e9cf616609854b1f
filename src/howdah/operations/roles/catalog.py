"""The roles of the product and what is set for each: pure data from the topology."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from howdah.foundation.topology import Topology

SUPERUSER = "postgres"
OWNER = "howdah_owner"
WRITER = "app_write"
READER = "app_read"


@dataclass(frozen=True)
class Role:
    """A login role; `settings` are the parameters that each of its sessions starts with."""

    name: str
    settings: Mapping[str, str] = field(default_factory=dict)

    def parameters(self) -> tuple[str, ...]:
        """The settings as PostgreSQL stores them, sorted: `name=value`."""
        return tuple(sorted(f"{name}={value}" for name, value in self.settings.items()))


def roles_of(topology: Topology) -> tuple[Role, ...]:
    """Every role that provisioning creates, the owner first."""
    limits = _limits(topology)
    return (
        # A change of the schema gives a lock up after 0.3 s. Autovacuum makes way for who waits for
        # it, but only after this long, which only a superuser may shorten.
        Role(OWNER, {"deadlock_timeout": "100ms"}),
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
