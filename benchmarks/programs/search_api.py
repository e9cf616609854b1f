"""How fast search answers through the API: rare to very common words, large and small tenants."""

from typing import Any
from urllib.parse import quote_plus

from benchmarks.data.access import Tenant, largest_tenant, small_tenant
from benchmarks.data.words import mixed_words, queries_with_choice
from benchmarks.measure.clients import Answers, Clients, Request
from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace

SUMMARY = "latency of search through the API, 8 clients, the largest and a small tenant"
NEEDS = ("postgresql", "pgbouncer", "redis", "api")

CLIENTS = 8
TURN_SECONDS = 10
COLUMNS = ("tenant", "queries", "requests/s", "p50 ms", "p95 ms", "p99 ms", "max ms", "errors")
RARE, COMMON = 0.01, 0.1


def run(workspace: Workspace) -> Report:
    """Each mix for some seconds; the judged one is every word and real query together."""
    rows: list[tuple[Any, ...]] = []
    promises = []
    with workspace.connect() as connection:
        words = mixed_words(connection, 150)
        folder, scale = workspace.folder / "tokens", workspace.scale
        largest = largest_tenant(connection, folder, scale)
        small = small_tenant(connection, folder, scale)
        phrases = queries_with_choice(connection, largest.org_id, 50, 1)
    mixes = {
        "mixed": [word.text for word in words] + phrases,
        f"rare words (below {RARE:.0%})": [word.text for word in words if word.share < RARE],
        f"common words (above {COMMON:.0%})": [word.text for word in words if word.share > COMMON],
        "phrases of several words": [phrase for phrase in phrases if " " in phrase],
    }
    for name, tenant, limit_ms in (("largest", largest, 100), ("small", small, 20)):
        for mix, queries in mixes.items():
            workspace.say(f"search-api: {name}, {mix}")
            answers = _drive(workspace, tenant, queries)
            rows.append(_row(name, mix, answers))
            if mix == "mixed":
                promises.append(
                    Promise(
                        f"p95 of search, {name} tenant, mixed words, {CLIENTS} clients",
                        answers.p95_ms,
                        limit_ms,
                        unit=" ms",
                        judged=workspace.scale.full,
                    )
                )
            promises.append(Promise(f"errors, {name}, {mix}", answers.errors, 0))
    return Report(
        name="search-api",
        title=f"Search through the API, {workspace.scale.documents:,} documents, {CLIENTS} clients",
        columns=COLUMNS,
        rows=rows,
        promises=promises,
        notes=[
            "Words evenly spread over the logarithm of their frequency, from 0.01 % of the "
            "largest tenant's documents to the most common; 50 real queries among the mixed.",
            f"Clients ask again at once, so {CLIENTS} requests are always under way on this "
            "machine, which also runs the clients.",
        ],
    )


def _drive(workspace: Workspace, tenant: Tenant, queries: list[str]) -> Answers:
    clients = Clients(workspace.folder / "tools", tenant.token)
    requests = [
        Request(f"/api/v1/orgs/{tenant.slug}/search?q={quote_plus(query)}") for query in queries
    ]
    port = workspace.settings.topology.ports.api
    clients.drive(port, requests, clients=CLIENTS, seconds=2)  # warms caches and connections
    return clients.drive(port, requests, clients=CLIENTS, seconds=TURN_SECONDS)


def _row(name: str, mix: str, answers: Answers) -> tuple[Any, ...]:
    return (
        name,
        mix,
        answers.rate,
        answers.p50_ms,
        answers.p95_ms,
        answers.p99_ms,
        answers.max_ms,
        answers.errors,
    )
