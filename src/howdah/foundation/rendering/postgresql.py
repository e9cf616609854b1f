"""postgresql.conf and pg_hba.conf of a single server, and the parameters of a cluster's members."""

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.pgbackrest import SINGLE, archiving
from howdah.foundation.rendering.text import HEADER, assignments, quoted
from howdah.foundation.topology import Member, Topology


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
        | {name: quoted(value) for name, value in archiving(topology, layout, SINGLE).items()}
        | _logging()
    )


def cluster_parameters(topology: Topology) -> dict[str, object]:
    """What must be the same on all members: Patroni keeps it in etcd and takes it from there."""
    return {
        "wal_level": "replica",
        "hot_standby": "on",
        "max_connections": topology.postgresql.max_connections,
        "max_wal_senders": 16,
        "max_replication_slots": 16,
        "max_worker_processes": 8,
        "max_prepared_transactions": 0,
        "max_locks_per_transaction": 64,
        "track_commit_timestamp": "off",
        "wal_log_hints": "on",
        "wal_keep_size": "128MB",
    }


def server_parameters(topology: Topology, layout: Layout, member: Member) -> dict[str, object]:
    """What one member has for itself, as text without SQL's quotes."""
    plain = _memory(topology) | _durability(topology) | _logging()
    values: dict[str, object] = {name: str(value).strip("'") for name, value in plain.items()}
    del values["wal_level"]  # one of the cluster's
    return (
        values
        | archiving(topology, layout, member.name)
        | _access(layout, member)
        | _replication()
        | _logging_of(layout, member)
    )


def _access(layout: Layout, member: Member) -> dict[str, object]:
    """Where it is reached, encrypted, and what of that is put on record."""
    certificate = layout.certificates / member.name
    return {
        "unix_socket_directories": str(layout.member_run(member.name)),
        "password_encryption": "scram-sha-256",
        "ssl": "on",
        "ssl_ca_file": str(layout.certificates / "ca.crt"),
        "ssl_cert_file": f"{certificate}.crt",
        "ssl_key_file": f"{certificate}.key",
        "ssl_min_protocol_version": "TLSv1.2",
        "shared_preload_libraries": "pg_stat_statements,pgaudit",
        "pgaudit.log": "ddl, role",
        "pgaudit.log_catalog": "off",
        "pgaudit.log_parameter": "off",
    }


def _replication() -> dict[str, object]:
    return {
        # Long reads on a replica are not cancelled for what the primary cleans up meanwhile.
        "hot_standby_feedback": "on",
        "max_standby_streaming_delay": "5s",
        "wal_receiver_status_interval": "1s",
        # Shorter than a primary that is cut off takes to give up (6 s): its shutdown waits for
        # those it sends to, and a slow one makes Patroni start the server twice.
        "wal_sender_timeout": "5s",
        "wal_receiver_timeout": "10s",
        # A new primary has no slot for its followers in the first moments, and has begun a new
        # timeline; each costs a follower that finds it so one such pause (5 s elsewhere).
        "wal_retrieve_retry_interval": "500ms",
        "tcp_keepalives_idle": "5",
        "tcp_keepalives_interval": "2",
        "tcp_keepalives_count": "3",
    }


def _logging_of(layout: Layout, member: Member) -> dict[str, object]:
    """JSON, a file a day of the week."""
    return {
        "log_destination": "jsonlog",
        "logging_collector": "on",
        "log_directory": str(layout.member_logs(member.name)),
        "log_filename": "postgresql-%a",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_truncate_on_rotation": "on",
        "log_file_mode": "0640",
    }


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
