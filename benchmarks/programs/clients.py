"""A thousand clients at once: nothing fails, and PostgreSQL sees thirty connections at most."""

from benchmarks.data.access import largest_tenant
from benchmarks.data.corpus import open_corpus
from benchmarks.data.documents import DocumentStream
from benchmarks.data.posts import body_of, remove_posts
from benchmarks.data.words import mixed_words
from benchmarks.measure.clients import Answers, Clients, Request
from benchmarks.measure.report import Promise, Report
from benchmarks.measure.watching import SAMPLE_SECONDS, Watched, watching
from benchmarks.workspace import Workspace

SUMMARY = "1000 concurrent clients for a minute: errors and server connections"
NEEDS = ("postgresql", "pgbouncer", "redis", "api")

CLIENTS = 1_000
SECONDS = 60
# Of a hundred requests: as many of each.
MIX = {"GET one": 60, "list 20": 20, "search": 15, "POST": 5}


def run(workspace: Workspace) -> Report:
    """A mix of reads, searches and writes from 1000 connections."""
    with workspace.connect() as connection:
        tenant = largest_tenant(connection, workspace.folder / "tokens", workspace.scale)
    clients = Clients(workspace.folder / "tools", tenant.token)
    requests = mixed_requests(workspace, f"/api/v1/orgs/{tenant.slug}", tenant.org_id)
    port = workspace.settings.topology.ports.api
    try:
        with watching(workspace) as watched:
            workspace.say(f"{CLIENTS} clients for {SECONDS} s")
            answers = clients.drive(port, requests, clients=CLIENTS, seconds=SECONDS)
    finally:
        workspace.say(f"removed {remove_posts(workspace)} posted documents")
    return _report(answers, watched)


def _report(answers: Answers, watched: Watched) -> Report:
    failed = {
        "refused connections": answers.connect,
        "broken off": answers.read + answers.write,
        "answers of 400 and above": answers.status,
        "not answered in 15 s": answers.timeout,
    }
    return Report(
        name="clients",
        title=f"{CLIENTS:,} concurrent clients, {SECONDS} s, mixed",
        columns=("measure", "value"),
        rows=[
            ("requests answered", answers.requests),
            ("requests/s", answers.rate),
            ("p50 ms", answers.p50_ms),
            ("p95 ms", answers.p95_ms),
            ("p99 ms", answers.p99_ms),
            *failed.items(),
            ("server connections, most (PgBouncer)", watched.pooler),
            ("server connections, most (pg_stat_activity)", watched.postgresql),
        ],
        promises=[
            Promise("errors", answers.errors, 0),
            Promise(
                "server connections",
                watched.most,
                30,
                judged=watched.samples >= SECONDS,
            ),
        ],
        notes=[
            "Of a hundred requests: " + ", ".join(f"{share} {name}" for name, share in MIX.items()),
            f"Connections were counted {watched.samples} times, every {SAMPLE_SECONDS} s.",
        ],
    )


def mixed_requests(workspace: Workspace, prefix: str, org_id: int) -> list[Request]:
    """A thousand requests in the proportions of MIX; clients choose among them at random."""
    with workspace.connect() as connection:
        documents = connection.execute(
            "SELECT id FROM documents WHERE org_id = %s AND deleted_at IS NULL "
            "ORDER BY hashint4(id) LIMIT %s",
            (org_id, 10 * MIX["GET one"]),
        ).fetchall()
        words = [word.text for word in mixed_words(connection, 10 * MIX["search"])]
    stream = DocumentStream(open_corpus(workspace.folder / "corpus"), workspace.scale)
    searches = (words * (10 * MIX["search"]))[: 10 * MIX["search"]]
    return [
        *(Request(f"{prefix}/documents/{number}") for (number,) in documents),
        *[Request(f"{prefix}/documents")] * (10 * MIX["list 20"]),
        *(Request(f"{prefix}/search?q={word}") for word in searches),
        *(
            Request(f"{prefix}/documents", "POST", body_of(stream.document(n), author=False))
            for n in range(10 * MIX["POST"])
        ),
    ]
