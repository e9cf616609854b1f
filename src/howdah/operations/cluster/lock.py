"""One change to a cluster at a time, from whichever host: a key in etcd that goes with its lease.

Two operators who switch over at once both get past Patroni's own checks, so it cannot be left to
Patroni. The lease is kept alive while the operation works; when its process dies, the lock is
free again after LEASE_SECONDS.
"""

import getpass
import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Event, Thread

from howdah.foundation.errors import Conflict, Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.cluster.etcd import decoded, encoded, request

LEASE_SECONDS = 15
KEEP_ALIVE_SECONDS = 4


class OperationUnderWay(Conflict):
    """Somebody else changes the cluster right now."""


@contextmanager
def operation_lock(settings: Settings, operation: str) -> Iterator[None]:
    """Hold the cluster's lock. Raises OperationUnderWay naming who has it, EtcdAway."""
    granted = request(settings, "/v3/lease/grant", {"TTL": LEASE_SECONDS})
    lease = granted["ID"]
    try:
        _take(settings, lease, operation)
        with _kept_alive(settings, lease):
            yield
    finally:
        _give_up(settings, lease)


def current_operation(settings: Settings) -> str:
    """Who changes the cluster right now, in words; empty when nobody does. Raises EtcdAway."""
    answer = request(settings, "/v3/kv/range", {"key": encoded(_key(settings))})
    held = answer.get("kvs", [])
    return described(decoded(held[0]["value"])) if held else ""


def described(value: str) -> str:
    """The holder's note as a phrase."""
    try:
        note = json.loads(value)
        return "{operation} by {user} on {host} (process {pid}) since {since}".format(**note)
    except (ValueError, KeyError, TypeError):
        return value


def _take(settings: Settings, lease: str, operation: str) -> None:
    """Create the key if it is not there; the one transaction both checks and writes."""
    key = encoded(_key(settings))
    absent = {"key": key, "target": "CREATE", "create_revision": "0"}
    put = {"request_put": {"key": key, "value": encoded(_note(operation)), "lease": lease}}
    get = {"request_range": {"key": key}}
    body = {"compare": [absent], "success": [put], "failure": [get]}
    answer = request(settings, "/v3/kv/txn", body)
    if not answer.get("succeeded"):
        held = answer["responses"][0]["response_range"].get("kvs", [])
        who = described(decoded(held[0]["value"])) if held else "somebody who has just finished"
        raise OperationUnderWay(
            f"the cluster is being changed already: {who}",
            hint="wait until that is done, look at `howdah cluster status`, and decide again",
        )


@contextmanager
def _kept_alive(settings: Settings, lease: str) -> Iterator[None]:
    done = Event()
    thread = Thread(target=_keep_alive, args=(settings, lease, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()


def _keep_alive(settings: Settings, lease: str, done: Event) -> None:
    while not done.wait(KEEP_ALIVE_SECONDS):
        try:
            request(settings, "/v3/lease/keepalive", {"ID": lease})
        except Unavailable:  # etcd is away: without it nobody else can take the lock either
            continue


def _give_up(settings: Settings, lease: str) -> None:
    try:
        request(settings, "/v3/lease/revoke", {"ID": lease})
    except Unavailable:  # it ends by itself
        return


def _key(settings: Settings) -> str:
    """Beside Patroni's own keys, which begin with `/howdah/`, not among them."""
    return f"/howdah-operations/{settings.topology.cluster.name}/lock"


def _note(operation: str) -> str:
    return json.dumps(
        {
            "operation": operation,
            "user": getpass.getuser(),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "since": datetime.now(UTC).strftime("%H:%M:%S UTC"),
        }
    )
