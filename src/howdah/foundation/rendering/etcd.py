"""etcd-<n>.yml: one member of the store that keeps the primary's lease. YAML, written as JSON."""

import json

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.text import HEADER
from howdah.foundation.topology import EtcdMember, Topology


def etcd_yml(topology: Topology, layout: Layout, member: EtcdMember) -> str:
    """Only who shows a certificate of our authority is answered, clients and peers alike."""
    client = f"https://{member.host}:{member.client_port}"
    peer = f"https://{member.host}:{member.peer_port}"
    security = {
        "cert-file": str(layout.certificates / f"{member.name}.crt"),
        "key-file": str(layout.certificates / f"{member.name}.key"),
        "client-cert-auth": True,
        "trusted-ca-file": str(layout.certificates / "ca.crt"),
    }
    peers = (f"{item.name}=https://{item.host}:{item.peer_port}" for item in topology.etcd_members)
    document = {
        "name": member.name,
        "data-dir": str(layout.data / member.name),
        "listen-client-urls": client,
        "advertise-client-urls": client,
        "listen-peer-urls": peer,
        "initial-advertise-peer-urls": peer,
        "initial-cluster": ",".join(peers),
        "initial-cluster-token": f"howdah-{topology.cluster.name}",
        "client-transport-security": security,
        "peer-transport-security": security,
        # Patroni speaks to it through the gateway, which a file switches off unless it asks.
        "enable-grpc-gateway": True,
        "auto-compaction-mode": "periodic",
        "auto-compaction-retention": "1h",
        "quota-backend-bytes": 256 * 1024 * 1024,
        "logger": "zap",
        "log-level": "warn",
    }
    return f"# {HEADER}\n{json.dumps(document, indent=2)}\n"
