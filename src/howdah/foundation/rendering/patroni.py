"""patroni-<member>.yml: one member of the cluster. YAML, written as JSON, which YAML includes."""

import json
from collections.abc import Mapping
from typing import Any

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.postgresql import cluster_parameters, server_parameters
from howdah.foundation.rendering.text import HEADER
from howdah.foundation.topology import Member, Topology
from howdah.foundation.topology_members import LOCAL, network_prefix

NAMESPACE = "/howdah/"
POSTGRESQL_BINARIES = "/usr/lib/postgresql/15/bin"
ACCOUNTS = {"superuser": "postgres", "replication": "replicator", "rewind": "rewinder"}
"""Patroni's three users of PostgreSQL; each has a secret of its name."""
INITDB = (
    {"encoding": "UTF8"},
    {"locale": "C.UTF-8"},
    "data-checksums",
    {"auth": "scram-sha-256"},
)


def patroni_yml(
    topology: Topology, layout: Layout, member: Member, passwords: Mapping[str, str]
) -> str:
    """The configuration of one member. It holds passwords: for its account alone.

    `passwords`: those of ACCOUNTS, by name.
    """
    security = _security(layout, member)
    address = f"{member.host}:{member.rest_port}"
    document = {
        "scope": topology.cluster.name,
        "namespace": NAMESPACE,
        "name": member.name,
        "log": {"level": "INFO", "format": "%(asctime)s %(levelname)s %(message)s"},
        "restapi": {
            "listen": address,
            "connect_address": address,
            "certfile": security["cert"],
            "keyfile": security["key"],
            "cafile": security["cacert"],
            # Anybody may ask how it is; only who shows a certificate of ours may change anything.
            "verify_client": "optional",
        },
        "ctl": {
            "cacert": security["cacert"],
            "certfile": security["cert"],
            "keyfile": security["key"],
        },
        "etcd3": {
            "hosts": [f"{etcd.host}:{etcd.client_port}" for etcd in topology.etcd_members],
            "protocol": "https",
            **security,
        },
        "bootstrap": {"dcs": dynamic_configuration(topology), "initdb": INITDB},
        "postgresql": _postgresql(topology, layout, member, passwords),
        "watchdog": {"mode": "off"},
        "tags": _tags(member),
    }
    return f"# {HEADER}\n{json.dumps(document, indent=2)}\n"


def _security(layout: Layout, member: Member) -> dict[str, str]:
    """The member's certificate and key, and the authority that it trusts."""
    own = layout.certificates / member.name
    return {
        "cacert": str(layout.certificates / "ca.crt"),
        "cert": f"{own}.crt",
        "key": f"{own}.key",
    }


def _tags(member: Member) -> dict[str, bool]:
    return {
        "nofailover": not member.candidate,
        # Never the synchronous standby either: Patroni would promote only that one.
        "nosync": not member.candidate,
        "noloadbalance": False,
        "clonefrom": False,
    }


def dynamic_configuration(topology: Topology) -> dict[str, Any]:
    """What all members share; Patroni keeps it in etcd, where `up` brings it up to date."""
    cluster = topology.cluster
    return {
        "ttl": cluster.ttl_seconds,
        "loop_wait": cluster.loop_wait_seconds,
        "retry_timeout": cluster.retry_timeout_seconds,
        "maximum_lag_on_failover": 1048576,
        "synchronous_mode": True,
        "synchronous_mode_strict": cluster.strict_synchronous,
        "synchronous_node_count": 1,
        # Without etcd the primary goes on while it reaches every member that might replace it.
        "failsafe_mode": True,
        # A primary whose server died is replaced at once instead of being started again.
        "master_start_timeout": 0,
        "postgresql": {
            "use_pg_rewind": True,
            "use_slots": True,
            "parameters": cluster_parameters(topology),
        },
    }


def _postgresql(
    topology: Topology, layout: Layout, member: Member, passwords: Mapping[str, str]
) -> dict[str, Any]:
    run = layout.member_run(member.name)
    security = {"sslmode": "verify-full", "sslrootcert": str(layout.certificates / "ca.crt")}
    return {
        "listen": f"{member.host}:{member.port}",
        "connect_address": f"{member.host}:{member.port}",
        "data_dir": str(layout.member_data(member.name)),
        "bin_dir": POSTGRESQL_BINARIES,
        "pgpass": str(run / "pgpass"),
        "use_unix_socket": True,
        "use_unix_socket_repl": False,
        "authentication": {
            purpose: {"username": user, "password": passwords[user], **security}
            for purpose, user in ACCOUNTS.items()
        },
        "parameters": server_parameters(topology, layout, member),
        "pg_hba": list(host_rules(topology)),
        "create_replica_methods": ["basebackup"],
        "basebackup": [{"checkpoint": "fast"}],
        # A copy that cannot be rewound is of no use; it is made anew from the primary.
        "remove_data_directory_on_rewind_failure": True,
        "remove_data_directory_on_diverged_timelines": True,
    }


def host_rules(topology: Topology) -> tuple[str, ...]:
    """pg_hba.conf: encrypted connections with SCRAM passwords only, from the cluster's hosts."""
    hosts = {member.host for member in topology.members}
    networks = ["samehost"]
    if topology.cluster.zone_networks:
        networks.append(f"{network_prefix(topology.ports.base)}.0/24")
    else:
        networks += sorted(f"{host}/32" for host in hosts - {LOCAL} if host.count(".") == 3)
    rules = ["local all all scram-sha-256"]
    for network in networks:
        rules += [
            f"hostssl replication replicator {network} scram-sha-256",
            f"hostssl all all {network} scram-sha-256",
        ]
    return tuple(rules)
