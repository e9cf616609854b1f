"""Raw values of a file and of the environment → a Topology, or every mistake at once. Pure."""

import difflib
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from typing import Any

from howdah.foundation.layout import SAFE_PATH
from howdah.foundation.topology import ROUTES, Member, Topology, computed_defaults
from howdah.foundation.topology_members import (
    LOCAL,
    ROLES,
    default_members,
    doubtful,
    impossible,
)

HOST = re.compile(r"^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9._:-]*[A-Za-z0-9])?$")
NAME = re.compile(r"^[a-z][a-z0-9-]{0,30}$")
MEMBERS = "members."
ROOM_FOR_OPERATIONS = 10
"""Server connections kept for migrations and operators, beside those of PgBouncer."""
CONSENT_SECONDS = 4
"""While etcd is away a primary asks every member whether it may go on: two tries of 2 s each."""

TYPE_WORDS = {int: "a whole number", float: "a number", str: "text", bool: "true or false"}
TRUTH = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


@dataclass(frozen=True)
class Mistake:
    """One wrong setting: its key, the value as given, and what would be right."""

    key: str
    value: object
    right: str
    source: str = ""

    def __str__(self) -> str:
        place = f" ({self.source})" if self.source else ""
        return f"{self.key} = {self.value!r}{place}: {self.right}"


@dataclass(frozen=True)
class Given:
    """A value somebody gave, and where."""

    value: object
    source: str


def sections() -> dict[str, type[Any]]:
    """Section name → its dataclass."""
    return {
        item.name: item.type
        for item in fields(Topology)
        if isinstance(item.type, type) and is_dataclass(item.type)
    }


def settable(section: type[Any]) -> Iterator["Field[Any]"]:
    """The fields of a section that users may set; the others are derived."""
    return (item for item in fields(section) if "doc" in item.metadata)


def setting_keys() -> dict[str, "Field[Any]"]:
    """Every key (`section.key`, or a bare name at the top) → its field, in the documented order."""
    keys = {item.name: item for item in settable(Topology)}
    for name, section in sections().items():
        keys.update({f"{name}.{item.name}": item for item in settable(section)})
    return keys


def build_topology(
    given: Mapping[str, Given], memory_mb: int, cores: int
) -> tuple[Topology, list[Mistake]]:
    """The topology of the values given by key, and every mistake in them."""
    keys = setting_keys()
    mistakes: list[Mistake] = []
    values: dict[str, Any] = {}
    members, wrong = members_of(given)
    mistakes += wrong
    for key, item in given.items():
        if key.startswith(MEMBERS):
            continue
        if key not in keys:
            mistakes.append(Mistake(key, item.value, _did_you_mean(key, keys), item.source))
            continue
        value, right = _checked(keys[key], item.value)
        if right:
            mistakes.append(Mistake(key, item.value, right, item.source))
        else:
            values[key] = value
    topology = _assembled(values, members, memory_mb, cores)
    return topology, mistakes + list(contradictions(topology))


def _did_you_mean(key: str, keys: Mapping[str, object]) -> str:
    near = difflib.get_close_matches(key, keys, n=1, cutoff=0.6)
    last = [known for known in keys if known.rsplit(".", 1)[-1] == key.rsplit(".", 1)[-1]]
    guess = (near or last or [""])[0]
    if guess:
        return f"there is no such setting; did you mean {guess}?"
    return "there is no such setting; `howdah config show` lists them all"


def _checked(item: "Field[Any]", raw: object) -> tuple[Any, str]:
    """The value in the field's type and "", or None and what would be right."""
    kind = item.type if isinstance(item.type, type) else str
    value = _converted(kind, raw)
    right = "must be " + describe_limits(item)
    if value is None:
        return None, right
    limits = item.metadata
    if limits["choices"] and value not in limits["choices"]:
        return None, right
    if limits["address"] and not HOST.match(value):
        return None, right
    low, high = limits["low"], limits["high"]
    if (low is not None and value < low) or (high is not None and value > high):
        return None, right
    return value, ""


def _converted(kind: type, raw: object) -> Any:
    if kind is str:
        return raw if isinstance(raw, str) else None
    if kind is bool:
        return raw if isinstance(raw, bool) else TRUTH.get(str(raw).lower())
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    if kind is int and isinstance(raw, float):
        return None
    try:
        value = kind(raw)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def describe_limits(item: "Field[Any]") -> str:
    """What a field accepts, in words: "a whole number from 1 to 256"."""
    limits = item.metadata
    if limits["choices"]:
        return " or ".join(limits["choices"])
    if limits["address"]:
        return "an IP address or a host name"
    words = TYPE_WORDS[item.type if isinstance(item.type, type) else str]
    if limits["low"] is None:
        return words
    return f"{words} from {limits['low']} to {limits['high']}"


def _assembled(
    values: Mapping[str, Any], members: tuple[Member, ...], memory_mb: int, cores: int
) -> Topology:
    by_section: dict[str, dict[str, Any]] = {name: {} for name in sections()}
    servers = len(members or default_members()) if values.get("profile") == "full" else 1
    for name, sizes in computed_defaults(memory_mb, servers).items():
        by_section[name].update(sizes)
    top: dict[str, Any] = {}
    for key, value in values.items():
        section, _, name = key.rpartition(".")
        (by_section[section] if section else top)[name] = value
    by_section["backup"].setdefault("enabled", values.get("profile") == "full")
    _follow(by_section, cores)
    made = {name: sections()[name](**by_section[name]) for name in by_section}
    return Topology(**top, **made, members=members)


def _follow(by_section: dict[str, dict[str, Any]], cores: int) -> None:
    """Fill in the defaults that follow from other settings and the machine's cores."""
    api, pooler = by_section["api"], by_section["pgbouncer"]
    known = sections()
    threads, workers = (
        api.get(name, _default(known["api"], name)) for name in ("threads", "workers")
    )
    api.setdefault("pool_size", min(threads, max(2, -(-2 * cores // workers))))
    server_connections = sum(
        pooler.get(name, _default(known["pgbouncer"], name))
        for name in ("default_pool_size", "reserve_pool_size")
    )
    pooler.setdefault("max_db_connections", server_connections)


def _default(section: type[Any], name: str) -> Any:
    default = next(item.default for item in fields(section) if item.name == name)
    assert default is not MISSING
    return default


def members_of(given: Mapping[str, Given]) -> tuple[tuple[Member, ...], list[Mistake]]:
    """The members of `[members.NAME]` tables in their order, and the mistakes in them."""
    tables: dict[str, dict[str, Any]] = {}
    mistakes: list[Mistake] = []
    for key, item in given.items():
        if not key.startswith(MEMBERS):
            continue
        name, _, attribute = key.removeprefix(MEMBERS).partition(".")
        table = tables.setdefault(name, {"name": name, "zone": "a", "role": "replica"})
        if not NAME.match(name):
            right = "a member's name has lower-case letters, digits and hyphens, a letter first"
        else:
            right = _wrong_in_member(attribute, item.value)
        if right:
            mistakes.append(Mistake(key, item.value, right, item.source))
        else:
            table[attribute] = tuple(item.value) if isinstance(item.value, list) else item.value
    return tuple(Member(**table) for table in tables.values()), mistakes


def _wrong_in_member(attribute: str, value: object) -> str:
    """What would be right, or an empty string when the value is."""
    rules: dict[str, tuple[str, Callable[[Any], bool]]] = {
        "zone": ("a word such as a or eu-1", lambda text: bool(NAME.match(text))),
        "role": (" or ".join(ROLES), ROLES.__contains__),
        "purposes": (f"a list of {', '.join(ROUTES)}", lambda names: set(names) <= set(ROUTES)),
        "host": ("an IP address or a host name", lambda text: bool(HOST.match(text))),
        "port": ("a whole number from 1024 to 65535", lambda number: 1024 <= number <= 65535),
        "rest_port": ("a whole number from 1024 to 65535", lambda number: 1024 <= number <= 65535),
    }
    if attribute not in rules:
        return f"there is no such attribute; a member has {', '.join(rules)}"
    words, holds = rules[attribute]
    kinds = {"purposes": list, "port": int, "rest_port": int}
    kind = kinds.get(attribute, str)
    right = isinstance(value, kind) and not isinstance(value, bool) and holds(value)
    return "" if right else f"must be {words}"


def warnings_of(topology: Topology) -> list[str]:
    """What works and is not wise, in sentences."""
    if not topology.clustered:
        return []
    return list(doubtful(topology.members, topology.cluster.etcd_members))


def contradictions(topology: Topology) -> Iterator[Mistake]:
    """Settings that are each right alone and wrong together."""
    yield from _port_clashes(topology)
    yield from _too_few_connections(topology)
    yield from _no_repository(topology)
    if topology.clustered:
        yield from _impossible_cluster(topology)
    database = topology.postgresql
    if database.lock_timeout_seconds >= database.statement_timeout_seconds:
        yield Mistake(
            "postgresql.lock_timeout_seconds",
            database.lock_timeout_seconds,
            "must be less than postgresql.statement_timeout_seconds "
            f"({database.statement_timeout_seconds}), or it never takes effect",
        )


def _no_repository(topology: Topology) -> Iterator[Mistake]:
    backup = topology.backup
    if backup.repository == "s3":
        for name in ("s3_endpoint", "s3_bucket"):
            if not getattr(backup, name):
                right = "must be set when backup.repository is s3"
                yield Mistake(f"backup.{name}", "", right)
    if backup.path and not SAFE_PATH.match(backup.path):
        right = "must be an absolute path of letters, digits and the characters _ . / + @ -"
        yield Mistake("backup.path", backup.path, right)


def _impossible_cluster(topology: Topology) -> Iterator[Mistake]:
    for key, value, right in impossible(topology.members):
        yield Mistake(key, value, right)
    cluster = topology.cluster
    look, retry = cluster.loop_wait_seconds, cluster.retry_timeout_seconds
    least = look + max(2 * retry, retry + CONSENT_SECONDS)
    if cluster.ttl_seconds < least:
        yield Mistake(
            "cluster.ttl_seconds",
            cluster.ttl_seconds,
            f"must be at least {least}, or a primary that is cut off goes on after its lease has "
            "ended: it looks after cluster.loop_wait_seconds, asks etcd for "
            f"cluster.retry_timeout_seconds, then the members for up to {CONSENT_SECONDS}",
        )


def _port_clashes(topology: Topology) -> Iterator[Mistake]:
    seen: dict[tuple[str, int], str] = {}
    for key, host, port in _listeners(topology):
        if port > 65535:
            right = "must be at most 65535; lower ports.base"
            yield Mistake(key, port, right)
        if (host, port) in seen:
            right = f"is also {seen[host, port]}; every program needs a port of its own"
            yield Mistake(key, port, right)
        seen.setdefault((host, port), key)


def _listeners(topology: Topology) -> Iterator[tuple[str, str, int]]:
    """Every port: its key, the host it counts on, its number."""
    for name, port in topology.ports.by_program(clustered=topology.clustered).items():
        yield f"ports.{name}", LOCAL, port
    for member in topology.members:
        host = LOCAL if member.host in ("localhost", "0.0.0.0") else member.host  # noqa: S104
        yield f"members.{member.name}.port", host, member.port
        yield f"members.{member.name}.rest_port", host, member.rest_port
    for etcd in topology.etcd_members:
        yield f"the client port of {etcd.name}", etcd.host, etcd.client_port
        yield f"the peer port of {etcd.name}", etcd.host, etcd.peer_port


def _too_few_connections(topology: Topology) -> Iterator[Mistake]:
    pooler, database, api = topology.pgbouncer, topology.postgresql, topology.api
    if pooler.max_db_connections < pooler.default_pool_size:
        yield Mistake(
            "pgbouncer.max_db_connections",
            pooler.max_db_connections,
            f"must be at least pgbouncer.default_pool_size ({pooler.default_pool_size})",
        )
    databases = len(pooler.databases)
    needed = databases * pooler.max_db_connections + ROOM_FOR_OPERATIONS
    if database.max_connections < needed:
        times = f"{databases} times " if databases > 1 else ""
        yield Mistake(
            "postgresql.max_connections",
            database.max_connections,
            f"must be at least {needed}: {times}pgbouncer.max_db_connections "
            f"({pooler.max_db_connections}) and {ROOM_FOR_OPERATIONS} for operators",
        )
    clients = api.workers * api.pool_size + topology.worker.count
    if pooler.max_client_conn < clients:
        yield Mistake(
            "pgbouncer.max_client_conn",
            pooler.max_client_conn,
            f"must be at least {clients}: api.workers * api.pool_size and one a worker",
        )
