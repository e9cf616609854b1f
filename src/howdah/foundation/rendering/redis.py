"""redis.conf."""

from howdah.foundation.layout import Layout
from howdah.foundation.rendering.text import HEADER
from howdah.foundation.topology import Topology


def redis_conf(topology: Topology, layout: Layout, password: str) -> str:
    """The queue's configuration: kept over a restart, and full rather than forgetful.

    The text holds the password, so the file is for Redis' account alone.
    """
    options: dict[str, object] = {
        "bind": topology.redis.host,
        "port": topology.ports.redis,
        "requirepass": password,
        "dir": layout.redis_data,
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',
        "maxmemory": f"{topology.redis.max_memory_mb}mb",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "set-proc-title": "no",
        "loglevel": "notice",
        "logfile": '""',
    }
    return "\n".join([f"# {HEADER}", *(f"{key} {value}" for key, value in options.items())]) + "\n"
