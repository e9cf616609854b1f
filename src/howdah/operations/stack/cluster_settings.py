"""The settings that all members of the cluster share: Patroni keeps them in etcd, not in files."""

from collections.abc import Mapping
from typing import Any

from howdah.foundation.errors import CommandFailed
from howdah.foundation.rendering.patroni import dynamic_configuration
from howdah.foundation.settings import Settings
from howdah.operations.cluster.rest import Endpoint, call
from howdah.operations.stack.cluster_probes import ask, leading_member


def apply_dynamic_configuration(settings: Settings) -> bool:
    """Bring them to what the topology says; whether anything was different.

    Raises CommandFailed when the cluster has no leader or refuses.
    """
    name = leading_member(settings)
    if name is None:
        raise CommandFailed(
            "no member of the cluster leads", hint="`howdah cluster status` says why"
        )
    leader = settings.topology.member(name)
    _, found = ask(settings, leader.host, leader.rest_port, "/config")
    changes = different(dynamic_configuration(settings.topology), found)
    if not changes:
        return False
    endpoint = Endpoint(name, leader.host, leader.rest_port)
    reply = call(settings, endpoint, "PATCH", "/config", changes)
    if not reply.ok:
        raise CommandFailed(f"Patroni refused the cluster's settings: {reply.text[:300]}")
    return True


def different(wanted: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What of `wanted` is not so in `found`; keys that only `found` has are left alone."""
    changes: dict[str, Any] = {}
    for key, value in wanted.items():
        there = found.get(key)
        if isinstance(value, Mapping):
            inner = different(value, there if isinstance(there, Mapping) else {})
            if inner:
                changes[key] = inner
        elif there != value:
            changes[key] = value
    return changes
