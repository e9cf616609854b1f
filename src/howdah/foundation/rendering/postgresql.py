"""postgresql.conf and pg_hba.conf."""

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.text import HEADER, assignments, quoted
from howdah.foundation.topology import Topology


def postgresql_conf(topology: Topology, layout: Layout) -> str:
    """The server's configuration; what roles need beyond it is set for each role."""
    server = topology.postgresql
    return assignments(
        {
            "data_directory": quoted(layout.postgresql_data),
            "hba_file": quoted(layout.configuration / "pg_hba.conf"),
            "ident_file": quoted(layout.postgresql_data / "pg_ident.conf"),
            "listen_addresses": quoted(server.host),
            "port": topology.ports.postgresql,
            "unix_socket_directories": quoted(layout.postgresql_sockets),
            "max_connections": server.max_connections,
            "password_encryption": "'scram-sha-256'",
        }
        | _memory(topology)
        | _durability(topology)
        | _logging()
    )


def _memory(topology: Topology) -> dict[str, object]:
    server = topology.postgresql
    return {
        "shared_buffers": f"{server.shared_buffers_mb}MB",
        "effective_cache_size": f"{server.effective_cache_size_mb}MB",
        "work_mem": f"{server.work_mem_mb}MB",
        "maintenance_work_mem": f"{server.maintenance_work_mem_mb}MB",
        "huge_pages": "try",
        "random_page_cost": 1.1,
        "effective_io_concurrency": 200,
        "default_toast_compression": "lz4",
    }


def _durability(topology: Topology) -> dict[str, object]:
    return {
        "wal_level": "replica",
        "wal_compression": "lz4",
        "max_wal_size": f"{topology.postgresql.max_wal_size_mb}MB",
        "min_wal_size": "80MB",
        "checkpoint_timeout": "15min",
        "checkpoint_completion_target": 0.9,
    }


def _logging() -> dict[str, object]:
    """Statements are not logged: their values are bound on the client and belong to users."""
    return {
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_destination": "'stderr'",
        "logging_collector": "off",
        "log_line_prefix": quoted("%m [%p] %q%u@%d %a "),
        "log_checkpoints": "on",
        "log_lock_waits": "on",
        "log_temp_files": "32MB",
        "log_autovacuum_min_duration": "10s",
        "log_min_duration_statement": -1,
        "shared_preload_libraries": "'pg_stat_statements'",
        "pg_stat_statements.track_utility": "off",
        "track_io_timing": "on",
        "track_activity_query_size": 4096,
    }


def pg_hba_conf() -> str:
    """Who may connect: every role with its SCRAM password, from this machine only."""
    rules = (
        ("local", "all", "all", "", "scram-sha-256"),
        ("host", "all", "all", "samehost", "scram-sha-256"),
    )
    lines = [f"# {HEADER}", *(" ".join(part for part in rule if part) for rule in rules)]
    return "\n".join(lines) + "\n"
