"""Why a member does not follow the primary, in words: from Patroni, the supervisor and its log."""

import contextlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from howdah.foundation.processes.supervisor import ProcessState, Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.cluster.choosing import known
from howdah.operations.cluster.diagnosis import megabytes
from howdah.operations.cluster.patroni import cluster_view, clustered
from howdah.operations.cluster.views import ClusterView, MemberView

LOG_BYTES = 64 * 1024
LOG_LINES = 200
SIGNS = (
    (r"running pg_rewind", "it is being rewound to where it parted from the primary (pg_rewind)"),
    (
        r"pg_rewind .*fail|Failed to rewind",
        "pg_rewind failed: its data have parted from the primary's too far to be mended",
    ),
    (
        r"remove_data_directory|Removing data directory",
        "its data are of no use any more and are being removed",
    ),
    (
        r"trying to bootstrap from leader|replica has been created|bootstrap from leader",
        "it is being copied anew from the primary",
    ),
    (
        r"requested WAL segment \w+ has already been removed",
        "the primary has already removed WAL that it needs",
    ),
    (
        r"Address already in use",
        "another program has its port, or had it a minute ago for a connection of its own",
    ),
    (r"No space left on device", "its disk is full"),
    (r"could not .*: Permission denied", "it may not write where its data belong"),
    (
        r"password authentication failed",
        "the primary refuses its password",
    ),
    (
        r"certificate verify failed|SSL error",
        "TLS to the primary fails: the certificates do not fit together",
    ),
    (
        r"failed to start postgres|postmaster is not running|could not start server",
        "its PostgreSQL does not start",
    ),
    (
        r"EtcdException|Etcd.*fail|Failed to get list of machines",
        "it does not reach etcd",
    ),
    (
        r"forked off current database system timeline \d+ before current recovery point",
        "it has stored changes that the new primary never had (nobody was told they were done)",
    ),
    (
        r"Local timeline=None",
        "its data directory does not say where it stands: its data are broken or gone",
    ),
    (
        r"system ID mismatch",
        "its data belong to another cluster",
    ),
)
"""What lines of Patroni's and PostgreSQL's logs mean."""
BEYOND_MENDING = (
    "too far to be mended",
    "already removed",
    "another cluster",
    "broken or gone",
    "never had",
)
NOISE = re.compile(r"Lock owner: |no response$|accepting connections$|^\s*$")
SHOWN_LINES = 8
RECENT = timedelta(minutes=15)
"""Older lines tell of troubles that are over."""


@dataclass(frozen=True)
class Explanation:
    """Sentences about one member; `follows` says that all is well."""

    member: str
    follows: bool
    sentences: tuple[str, ...]
    log_lines: tuple[str, ...]


def explain(given: Settings, name: str) -> Explanation:
    """Why the member does not follow, as far as it can be told. Raises NotFound."""
    settings = clustered(given)
    known(settings.topology.members, name)
    view = cluster_view(settings)
    state = Supervisor(settings.layout.supervisor_socket).states().get(name)
    since = datetime.now(UTC) - RECENT
    lines = [
        *recent(complaints(settings.layout.member_logs(name)), since),
        *recent(last_lines(settings.layout.log_of(name)), since),
    ]
    seen = view.member(name)
    assert seen is not None
    process = "" if state and state.running else _stopped(state)
    return explained(seen, view, process, lines)


def _stopped(state: ProcessState | None) -> str:
    if state is None:
        return "not started"
    return f"{state.state}, {state.failure}" if state.failure else state.state


def explained(
    member: MemberView, view: ClusterView, process: str, lines: Sequence[str]
) -> Explanation:
    """The sentences for what is known. Pure.

    `process` says why its Patroni does not run, empty when it does.
    """
    if member.name == view.leader and member.running:
        sentence = f"{member.name} is the primary"
        return Explanation(member.name, True, (sentence,), ())
    if member.streaming and member.timeline == view.timeline:
        behind = megabytes(member.lag_bytes or 0)
        return Explanation(
            member.name, True, (f"{member.name} follows {view.leader}, {behind} behind",), ()
        )
    sentences = tuple(_reasons(member, view, process, lines))
    shown = [line for line in lines if not NOISE.search(line)]
    return Explanation(member.name, False, sentences, tuple(shown[-SHOWN_LINES:]))


def _reasons(
    member: MemberView, view: ClusterView, process: str, lines: Sequence[str]
) -> Iterator[str]:
    name = member.name
    if process:
        yield f"Patroni of {name} does not run ({process}): `howdah up` starts it"
    elif member.state == "unreachable":
        yield f"Patroni of {name} runs and does not answer: {member.trouble}"
    else:
        yield from _state(member, view)
    if view.leader is None:
        yield "no member leads, so there is nobody to follow"
    if view.paused:
        yield "automation is paused, so Patroni does not mend anything: `howdah cluster resume`"
    found = list(_signs(lines))
    yield from (f"its log says: {sign}" for sign in found)
    if any(word in sign for sign in found for word in BEYOND_MENDING):
        yield f"`howdah cluster reinit {name}` copies it anew from the primary"


def _state(member: MemberView, view: ClusterView) -> Iterator[str]:
    name = member.name
    if not member.running:
        yield f"PostgreSQL of {name} is {member.state!r}"
    elif member.timeline and view.timeline and member.timeline < view.timeline:
        yield (
            f"{name} is on timeline {member.timeline} and the primary on {view.timeline}: it must "
            "be rewound before it can follow; Patroni does that when the primary has written a "
            "checkpoint"
        )
    elif member.replication == "":
        yield f"PostgreSQL of {name} runs and is not connected to the primary"
    elif member.replication not in ("streaming", None):
        yield f"{name} is connected and still in state {member.replication!r}"


def _signs(lines: Sequence[str]) -> Iterator[str]:
    """What the latest lines mean, each meaning once, the latest first."""
    seen = set()
    for line in reversed(lines):
        for pattern, meaning in SIGNS:
            if meaning not in seen and re.search(pattern, line):
                seen.add(meaning)
                yield meaning


def recent(lines: Sequence[str], since: datetime) -> list[str]:
    """Those not older than that; a line without a moment belongs to the one before. Pure."""
    fresh, kept = True, []
    for line in lines:
        with contextlib.suppress(ValueError):
            fresh = datetime.fromisoformat(line[:19]).replace(tzinfo=UTC) >= since
        if fresh:
            kept.append(line)
    return kept


def complaints(folder: Path) -> list[str]:
    """What its PostgreSQL complained of last, from the newest of its JSON logs."""
    newest = max(folder.glob("*.json"), key=lambda path: path.stat().st_mtime, default=None)
    found = []
    for line in last_lines(newest) if newest else []:
        try:
            entry = json.loads(line)
        except ValueError:  # the first of the tail is cut off
            continue
        told = any(re.search(pattern, entry["message"]) for pattern, _ in SIGNS)
        if told or entry["error_severity"] in ("ERROR", "FATAL", "PANIC"):
            found.append("{timestamp} {error_severity}: {message}".format(**entry))
    return found


def last_lines(log: Path) -> list[str]:
    """The end of a log file; empty when there is none."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - LOG_BYTES))
            return file.read().decode(errors="replace").splitlines()[-LOG_LINES:]
    except FileNotFoundError:
        return []
