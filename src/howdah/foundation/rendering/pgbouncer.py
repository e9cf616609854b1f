"""pgbouncer.ini and userlist.txt."""

from collections.abc import Mapping

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.text import HEADER
from howdah.foundation.topology import DatabaseTarget, Topology

ADMIN_USER = "pgbouncer_admin"
"""Speaks to PgBouncer's own console only; PostgreSQL does not know it."""


def pgbouncer_ini(topology: Topology, layout: Layout) -> str:
    """The pooler's configuration."""
    pooler = topology.pgbouncer
    databases = {name: _target(target) for name, target in pooler.databases.items()}
    options: dict[str, object] = {
        "listen_addr": pooler.host,
        "listen_port": topology.ports.pgbouncer,
        "unix_socket_dir": layout.pgbouncer_sockets,
        "listen_backlog": 4096,
        "auth_type": "scram-sha-256",
        "auth_file": layout.configuration / "userlist.txt",
        "admin_users": ADMIN_USER,
        "stats_users": ADMIN_USER,
        "pool_mode": pooler.pool_mode,
        "max_client_conn": pooler.max_client_conn,
        "default_pool_size": pooler.default_pool_size,
        "reserve_pool_size": pooler.reserve_pool_size,
        "reserve_pool_timeout": pooler.reserve_pool_timeout_seconds,
        "max_db_connections": pooler.max_db_connections,
        "query_wait_timeout": pooler.query_wait_timeout_seconds,
        "server_login_retry": 1,
        "ignore_startup_parameters": "extra_float_digits",
        "log_connections": 0,
        "log_disconnections": 0,
        "stats_period": 60,
    }
    if topology.clustered:
        options |= _for_the_cluster(layout)
    return f"; {HEADER}\n" + _section("databases", databases) + _section("pgbouncer", options)


def _for_the_cluster(layout: Layout) -> dict[str, object]:
    """Encrypted on both sides, and quick to notice that a server has gone."""
    return {
        # `require`: clients prove who they are with SCRAM; that they check our name is theirs to
        # do (verify-full), and PgBouncer's own verify-full would ask them for certificates.
        "client_tls_sslmode": "require",
        "client_tls_key_file": layout.certificates / "pgbouncer.key",
        "client_tls_cert_file": layout.certificates / "pgbouncer.crt",
        "client_tls_ca_file": layout.certificates / "ca.crt",
        "client_tls_protocols": "secure",
        "server_tls_sslmode": "verify-full",
        "server_tls_ca_file": layout.certificates / "ca.crt",
        "server_tls_protocols": "secure",
        "server_connect_timeout": 2,
        "server_check_delay": 5,
        # Replicas behind one name take turns for each query, not only for each connection.
        "server_round_robin": 1,
        # Connections stay where they are while a replica is away and when it comes back; opened
        # anew every now and then, one at a time, they are spread over both again.
        "server_lifetime": 30,
        "tcp_keepidle": 5,
        "tcp_keepintvl": 2,
        "tcp_keepcnt": 3,
    }


def _target(target: DatabaseTarget) -> str:
    words = f"host={target.host} port={target.port} dbname={target.dbname}"
    return f"{words} min_pool_size={target.min_pool_size}" if target.min_pool_size else words


def _section(name: str, values: Mapping[str, object]) -> str:
    return "\n".join([f"[{name}]", *(f"{key} = {value}" for key, value in values.items())]) + "\n\n"


def userlist_txt(verifiers: Mapping[str, str]) -> str:
    """Role → SCRAM verifier, the same that PostgreSQL stores; no plain password."""
    return "".join(f'"{role}" "{verifier}"\n' for role, verifier in verifiers.items())
