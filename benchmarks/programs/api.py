"""What a request costs, everything on, against peers that do the bare query."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from benchmarks.data.access import Tenant, largest_tenant
from benchmarks.data.corpus import open_corpus
from benchmarks.data.documents import DocumentStream
from benchmarks.data.posts import body_of, remove_posts
from benchmarks.data.words import mixed_words
from benchmarks.measure.clients import Answers, Clients, Request
from benchmarks.measure.cpu import all_processes, tree_seconds
from benchmarks.measure.report import TIMES, Promise, Report
from benchmarks.measure.rounds import Measurement, Rounds, measure
from benchmarks.measure.services import database_processes, listeners
from benchmarks.peers.launch import FASTAPI, PEERS, running
from benchmarks.workspace import Workspace

SUMMARY = "CPU of a request against FastAPI + asyncpg, Django + DRF and a naive Flask"
NEEDS = ("postgresql", "pgbouncer", "redis", "api")

COLUMNS = (
    "request",
    "server",
    "CPU ms",
    "ours is",
    "server ms",
    "PostgreSQL ms",
    "PgBouncer ms",
    "requests/s",
    "p50 ms",
    "p95 ms",
    "errors",
)
SERVER = "server"
OURS = "howdah"
CLIENTS = 32
TURN_SECONDS = 3
JUDGED = {"GET one": 1.3, "list 20": 1.3}


@dataclass(frozen=True)
class Turn:
    """What one turn answered, and the CPU seconds of each part."""

    answers: Answers
    cpu: Mapping[str, float]

    def of(self, part: str) -> float:
        """CPU ms of a request that this part used."""
        return 1000 * self.cpu.get(part, 0.0) / self.answers.requests


@dataclass
class Subject:
    """One server: its port, its processes, and what it answered so far."""

    title: str
    port: int
    processes: Mapping[str, list[int]]  # by part: the server, PostgreSQL, PgBouncer, Redis
    requests: Mapping[str, list[Request]]
    turns: dict[str, list[Turn]] = field(default_factory=dict)


def run(workspace: Workspace) -> Report:
    """GET one, list 20, search and POST, 32 clients, each server in turn."""
    clients = Clients(workspace.folder / "tools", _token(workspace))
    with _subjects(workspace) as subjects:
        try:
            rows = [
                row
                for operation in ("GET one", "list 20", "search", "POST")
                for row in _operation(workspace, clients, subjects, operation)
            ]
        finally:
            workspace.say(f"removed {remove_posts(workspace)} posted documents")
    return Report(
        name="api",
        title="What a request costs",
        columns=COLUMNS,
        rows=rows,
        promises=[
            Promise(f"{operation}: ours against {FASTAPI.title}", row[3], limit, unit=TIMES)
            for operation, limit in JUDGED.items()
            for row in rows
            if row[0] == operation and row[1] == FASTAPI.title
        ],
        notes=[
            "CPU of the server, PostgreSQL, PgBouncer and (ours) Redis together, "
            f"{CLIENTS} clients, 2 worker processes each, {TURN_SECONDS} s a turn, "
            f"{workspace.rounds} rounds.",
            "Ours: sign-in check, membership, row-level security, rate limit, metrics and request "
            "log on (the limit itself set so high that nobody reaches it). Peers: the bare query, "
            "the same SQL over the same rows through the same PgBouncer.",
            "“ours is”: our CPU against that server's, the median of the rounds' ratios; below 1 "
            "ours is cheaper. Ours searches through the champion tier, peers rank every match.",
        ],
    )


def _token(workspace: Workspace) -> str:
    with workspace.connect() as connection:
        return largest_tenant(connection, workspace.folder / "tokens", workspace.scale).token


@contextmanager
def _subjects(workspace: Workspace) -> Iterator[dict[str, Subject]]:
    """Our API and every peer, all running; those that wait cost nothing."""
    with workspace.connect() as connection:
        tenant = largest_tenant(connection, workspace.folder / "tokens", workspace.scale)
        asked = _asked(workspace, tenant)
    shared = database_processes(workspace)
    ports = workspace.settings.topology.ports
    ours = {SERVER: listeners(ports.api), "Redis": listeners(ports.redis), **shared}
    requests = _requests(f"/api/v1/orgs/{tenant.slug}", asked, author=False)
    subjects = {OURS: Subject("Howdah", ports.api, ours, requests)}
    with ExitStack() as stack:
        for number, peer in enumerate(PEERS):
            port = workspace.peer_port + number
            pid = stack.enter_context(running(workspace, peer, port))
            requests = _requests(f"/orgs/{tenant.org_id}", asked, author=True)
            subjects[peer.name] = Subject(peer.title, port, {SERVER: [pid], **shared}, requests)
        yield subjects


@dataclass(frozen=True)
class Asked:
    """What is asked for, the same of everybody."""

    documents: list[int]
    words: list[str]
    stream: DocumentStream


def _asked(workspace: Workspace, tenant: Tenant) -> Asked:
    with workspace.connect() as connection:
        documents = connection.execute(
            "SELECT id FROM documents WHERE org_id = %s AND deleted_at IS NULL "
            "ORDER BY hashint4(id) LIMIT 2000",
            (tenant.org_id,),
        ).fetchall()
        words = mixed_words(connection, 100)
    stream = DocumentStream(open_corpus(workspace.folder / "corpus"), workspace.scale)
    return Asked([row[0] for row in documents], [word.text for word in words], stream)


def _requests(prefix: str, asked: Asked, author: bool) -> dict[str, list[Request]]:
    return {
        "GET one": [Request(f"{prefix}/documents/{number}") for number in asked.documents],
        "list 20": [Request(f"{prefix}/documents")],
        "search": [Request(f"{prefix}/search?q={word}") for word in asked.words],
        "POST": [
            Request(f"{prefix}/documents", "POST", body_of(asked.stream.document(number), author))
            for number in range(200)
        ],
    }


def _operation(
    workspace: Workspace, clients: Clients, subjects: dict[str, Subject], operation: str
) -> list[tuple[Any, ...]]:
    workspace.say(f"api: {operation}")
    turns = {name: _turn(clients, subject, operation) for name, subject in subjects.items()}
    rounds = measure(turns, workspace.rounds)
    return [_row(operation, name, subject, rounds) for name, subject in subjects.items()]


def _row(operation: str, name: str, subject: Subject, rounds: Rounds) -> tuple[Any, ...]:
    turns = subject.turns[operation][1:]  # the first warmed up
    return (
        operation,
        subject.title,
        rounds.median(name) * 1000,
        rounds.ratio(OURS, to=name),
        median(turn.of(SERVER) for turn in turns),
        median(turn.of("PostgreSQL") for turn in turns),
        median(turn.of("PgBouncer") for turn in turns),
        median(turn.answers.rate for turn in turns),
        median(turn.answers.p50_ms for turn in turns),
        median(turn.answers.p95_ms for turn in turns),
        sum(turn.answers.errors for turn in turns),
    )


def _turn(clients: Clients, subject: Subject, operation: str) -> Measurement:
    def turn() -> float:
        before = _cpu(subject)
        answers = clients.drive(
            subject.port, subject.requests[operation], clients=CLIENTS, seconds=TURN_SECONDS
        )
        after = _cpu(subject)
        cpu = {part: after[part] - before[part] for part in after}
        subject.turns.setdefault(operation, []).append(Turn(answers, cpu))
        return sum(cpu.values()) / answers.requests

    return turn


def _cpu(subject: Subject) -> dict[str, float]:
    processes = all_processes()
    return {part: tree_seconds(pids, processes) for part, pids in subject.processes.items()}
