"""A network of its own for each zone: Linux namespaces on one bridge, so that one can be cut off.

As root only. Names hold the port base, so that two stacks have two networks.
"""

import ipaddress
from collections.abc import Sequence

from howdah.foundation.errors import CommandFailed
from howdah.foundation.processes.accounts import running_as_root
from howdah.foundation.processes.run import run
from howdah.foundation.topology import Topology
from howdah.foundation.topology_members import network_prefix

IP = "/usr/sbin/ip"


def namespace_of(topology: Topology, zone: str) -> str:
    """The zone's network namespace."""
    return f"howdah-{topology.ports.base}-{zone}"


def inside(topology: Topology, zone: str, command: Sequence[str]) -> list[str]:
    """The command as it runs in the zone's network; unchanged when zones have none."""
    if not topology.cluster.zone_networks:
        return list(command)
    return [IP, "netns", "exec", namespace_of(topology, zone), *command]


def make_networks(topology: Topology) -> None:
    """Make what is missing. Raises CommandFailed without root."""
    if not topology.cluster.zone_networks:
        return
    if not running_as_root():
        raise CommandFailed(
            "networks for the zones can be made by root only",
            hint="run as root, or unset cluster.zone_networks",
        )
    bridge = _bridge(topology)
    if bridge not in _links():
        run([IP, "link", "add", bridge, "type", "bridge"])
        run([IP, "address", "add", f"{network_prefix(topology.ports.base)}.1/24", "dev", bridge])
    run([IP, "link", "set", bridge, "up"])
    for zone in topology.zones():
        _make_zone(topology, zone, bridge)


def _make_zone(topology: Topology, zone: str, bridge: str) -> None:
    namespace, outside = namespace_of(topology, zone), _outside(topology, zone)
    if namespace not in _namespaces():
        run([IP, "netns", "add", namespace])
    if outside not in _links():
        peer = ["peer", "name", "eth0", "netns", namespace]
        run([IP, "link", "add", outside, "type", "veth", *peer])
        run([IP, "link", "set", outside, "master", bridge])
    within = [IP, "-n", namespace]
    run([*within, "link", "set", "lo", "up"])
    known = run([*within, "address", "show", "dev", "eth0"])
    for member in topology.members:
        if member.zone == zone and f" {member.host}/" not in known:
            ipaddress.ip_address(member.host)
            run([*within, "address", "add", f"{member.host}/24", "dev", "eth0"])
    run([*within, "link", "set", "eth0", "up"])
    run([IP, "link", "set", outside, "up"])


def remove_networks(topology: Topology) -> None:
    """Remove what is there; nothing when there is nothing."""
    if not topology.cluster.zone_networks or not running_as_root():
        return
    existing = _namespaces()
    for zone in topology.zones():
        if namespace_of(topology, zone) in existing:
            run([IP, "netns", "delete", namespace_of(topology, zone)])
    links = _links()
    for link in (*(_outside(topology, zone) for zone in topology.zones()), _bridge(topology)):
        if link in links and link in _links():
            run([IP, "link", "delete", link])


def cut(topology: Topology, zone: str) -> None:
    """Nothing passes between the zone and everybody else."""
    run([IP, "link", "set", _outside(topology, zone), "down"])


def mend(topology: Topology, zone: str) -> None:
    """Everything passes again."""
    run([IP, "link", "set", _outside(topology, zone), "up"])


def _bridge(topology: Topology) -> str:
    return f"howdah{topology.ports.base}"


def _outside(topology: Topology, zone: str) -> str:
    """The end of the zone's cable outside of it; at most 15 characters, as Linux wants."""
    return f"hw{topology.ports.base}{zone}"[:15]


def _namespaces() -> set[str]:
    return {line.split()[0] for line in run([IP, "netns", "list"]).splitlines() if line.strip()}


def _links() -> set[str]:
    lines = run([IP, "-brief", "link"]).splitlines()
    return {line.split()[0].partition("@")[0] for line in lines if line.strip()}
