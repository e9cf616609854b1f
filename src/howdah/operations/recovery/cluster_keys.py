"""What Patroni keeps in etcd, made to fit a member whose data went back in time.

Left as it was, nobody would lead: the restored member is "behind" the last known position, and not
the member that the synchronous standby was noted for. What says who the cluster is stays: its
settings, its history, and its system identifier, unless that is another database's.
"""

import json

from howdah.foundation.rendering.patroni import NAMESPACE
from howdah.foundation.settings import Settings
from howdah.operations.cluster.etcd import decoded, encoded, request

STALE = ("leader", "sync", "status", "optime/leader", "failover", "failsafe")


def forget_leadership(settings: Settings, system_identifier: str) -> bool:
    """Delete who leads, who stands by and how far they were. Raises EtcdAway.

    Returns whether the system identifier was another one and was deleted too.
    """
    for name in STALE:
        _delete(settings, name)
    known = _value(settings, "initialize")
    if known in ("", system_identifier):
        return False
    _delete(settings, "initialize")
    return True


def end_pause(settings: Settings) -> bool:
    """Let Patroni act, which would start and promote nobody else; whether it was paused.

    Raises EtcdAway.
    """
    text = _value(settings, "config")
    shared = json.loads(text) if text else {}
    if not shared.pop("pause", False):
        return False
    value = encoded(json.dumps(shared))
    request(settings, "/v3/kv/put", {"key": _key(settings, "config"), "value": value})
    return True


def _key(settings: Settings, name: str) -> str:
    return encoded(f"{NAMESPACE}{settings.topology.cluster.name}/{name}")


def _delete(settings: Settings, name: str) -> None:
    request(settings, "/v3/kv/deleterange", {"key": _key(settings, name)})


def _value(settings: Settings, name: str) -> str:
    """Empty when there is none."""
    found = request(settings, "/v3/kv/range", {"key": _key(settings, name)}).get("kvs", [])
    return decoded(found[0]["value"]) if found else ""
