"""Migrations of a table in use, beside a steady load: what the requests notice of each."""

import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.data.access import largest_tenant
from benchmarks.data.posts import remove_posts
from benchmarks.data.tables import create_tables
from benchmarks.measure.report import Promise, Report
from benchmarks.measure.steady import Span, SteadyLoad
from benchmarks.programs.clients import mixed_requests
from benchmarks.workspace import Workspace
from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_down, migrate_up, migration_status
from howdah.operations.migrations.drift import find_drift
from howdah.operations.migrations.files import read_migrations
from howdah.operations.roles.catalog import OWNER

SUMMARY = "changes of a table in use, under 50 requests/s: failed requests and p99"
NEEDS = ("postgresql", "pgbouncer", "redis", "api")

REQUESTS_A_SECOND = 50
WARM_SECONDS = 10.0
CALM_SECONDS = 30.0
SETTLE_SECONDS = 3.0
P99_LIMIT_MS = 500.0
JUDGED_FROM_DOCUMENTS = 1_000_000
RECIPES = Path(__file__).parents[1] / "recipes"
TITLES = {
    "1": "a column with a default",
    "2": "an index",
    "3": "a constraint, validated",
    "4": "a column's type, expanded and contracted",
    "5": "`documents.id` from integer to bigint, expanded and contracted",
}
TAKE_BACK = """
    DROP INDEX IF EXISTS idx_documents_org_created;
    DROP TRIGGER IF EXISTS keep_pages_wide ON documents;
    DROP TRIGGER IF EXISTS keep_pages_narrow ON documents;
    DROP FUNCTION IF EXISTS howdah.keep_pages_wide();
    DROP FUNCTION IF EXISTS howdah.keep_pages_narrow();
    ALTER TABLE documents DROP COLUMN IF EXISTS pages, DROP COLUMN IF EXISTS pages_wide,
        DROP COLUMN IF EXISTS pages_narrow;
"""
NARROW = """
    DROP VIEW howdah.tenant_documents;
    DROP FUNCTION
        howdah.rank_documents(integer, tsquery, integer, integer),
        howdah.get_document(integer, bigint),
        howdah.newest_documents(integer, timestamptz, bigint, integer),
        howdah.search_documents(
            text, integer, text, integer, text[], text[], timestamptz, timestamptz, text, real,
            bigint, integer, integer);
    ALTER TABLE document_revisions DROP CONSTRAINT document_revisions_document_id_fkey;
    ALTER SEQUENCE documents_id_seq AS integer;
    ALTER TABLE documents ALTER COLUMN id TYPE integer;
    ALTER TABLE document_revisions ALTER COLUMN document_id TYPE integer;
"""
"""In place, which needs no files and stops everybody: what the recipe spares them."""


@dataclass(frozen=True)
class Step:
    """One recipe, or the time without any."""

    title: str
    seconds: float
    span: Span


def run(workspace: Workspace) -> Report:
    """Each recipe in turn on the loaded table; afterwards the table is as it was."""
    with workspace.connect() as connection:
        tenant = largest_tenant(connection, workspace.folder / "tokens", workspace.scale)
    requests = mixed_requests(workspace, f"/api/v1/orgs/{tenant.slug}", tenant.org_id)
    port = workspace.settings.topology.ports.api
    checkout = workspace.folder / "online-migrations"
    target, ours = _folder(workspace.settings, checkout)
    _take_back(workspace, target, ours)
    with workspace.connect() as connection:
        connection.execute("DROP VIEW bench.documents")  # of the peers; it would keep the old id
    try:
        with SteadyLoad(port, tenant.token, requests, REQUESTS_A_SECOND) as load:
            time.sleep(WARM_SECONDS)
            steps = [_calm(workspace, load)]
            steps += [_recipe(workspace, load, target, number) for number in TITLES]
    finally:
        in_place = _take_back(workspace, target, ours)
        with workspace.connect() as connection:
            create_tables(connection, workspace.settings)
        shutil.rmtree(checkout, ignore_errors=True)
        workspace.say(f"removed {remove_posts(workspace)} posted documents")
    return _report(workspace, steps, in_place)


def _folder(settings: Settings, checkout: Path) -> tuple[Settings, int]:
    """Settings that lead to our migrations and, numbered after them, the recipes."""
    folder = checkout / "migrations"
    shutil.rmtree(checkout, ignore_errors=True)
    shutil.copytree(settings.migrations, folder)
    ours = len(read_migrations(folder))
    for number, path in enumerate(_recipes(), start=ours + 1):
        shutil.copy(path, folder / f"{number:03d}_recipe_{path.stem}.sql")
    return replace(settings, checkout=checkout), ours


def _recipes() -> list[Path]:
    return sorted(RECIPES.glob("*.sql"))


def _calm(workspace: Workspace, load: SteadyLoad) -> Step:
    workspace.say(f"{CALM_SECONDS:.0f} s without a migration")
    begun = time.monotonic()
    time.sleep(CALM_SECONDS)
    return Step("(none)", CALM_SECONDS, load.span(begun, time.monotonic() - SETTLE_SECONDS))


def _recipe(workspace: Workspace, load: SteadyLoad, target: Settings, number: str) -> Step:
    """Run its files; requests count from its begin until shortly after its end."""
    workspace.say(TITLES[number])
    last = [path.name for path in sorted(target.migrations.glob(f"*_recipe_{number}_*.sql"))][-1]
    begun = time.monotonic()
    migrate_up(target, last.removesuffix(".sql"), report=workspace.say)
    seconds = time.monotonic() - begun
    time.sleep(SETTLE_SECONDS)
    span = load.span(begun, begun + seconds + SETTLE_SECONDS / 2)
    return Step(TITLES[number], seconds, span)


def _take_back(workspace: Workspace, target: Settings, ours: int) -> float:
    """The table as it was; how many seconds the id's type took in place, 0 where that was not due.

    What has a way back takes it. The rest goes as another tool would do it; the ledger says so.
    """
    of_the_id = [name for name in migration_status(target).applied if "_recipe_5_" in name]
    seconds = 0.0
    if of_the_id and of_the_id[-1].endswith("_contract"):
        seconds = _narrow(workspace)
    elif of_the_id:
        migrate_down(target, steps=len(of_the_id), report=workspace.say)
    with workspace.connect(OWNER) as connection, connection.transaction():
        connection.execute(TAKE_BACK)
        connection.execute("DELETE FROM schema_migrations WHERE version::integer > %s", (ours,))
    if seconds:
        _mend(workspace)
    return seconds


def _narrow(workspace: Workspace) -> float:
    """The id's type in place: how long the tables are locked for it, in seconds."""
    workspace.say("the type of the id in place, to go back")
    begun = time.monotonic()
    with workspace.connect(OWNER) as connection, connection.transaction():
        connection.execute(NARROW)
    seconds = time.monotonic() - begun
    with workspace.connect() as connection:
        connection.execute("VACUUM (ANALYZE) documents, document_revisions")
    return seconds


def _mend(workspace: Workspace) -> None:
    """Functions, view and keys as our migrations make them, by what `migrate drift` prints.

    What is there and no migration made is the benchmarks' own.
    """
    with workspace.connect() as connection:
        for difference in find_drift(workspace.settings).differences:
            for statement in difference.mend if difference.state != "unexpected" else ():
                connection.execute(statement.encode())


def _report(workspace: Workspace, steps: list[Step], in_place: float) -> Report:
    judged = workspace.scale.documents >= JUDGED_FROM_DOCUMENTS
    migrations = steps[1:]
    return Report(
        name="online-migrations",
        title=f"Changes of a table of {workspace.scale.documents:,} documents in use, "
        f"{REQUESTS_A_SECOND} requests/s",
        columns=("change", "takes, s", "requests", "failed", "p50 ms", "p99 ms", "slowest ms"),
        rows=[
            (
                *(step.title, step.seconds, step.span.requests, step.span.failed),
                *(step.span.p50_ms, step.span.p99_ms, step.span.max_ms),
            )
            for step in steps
        ],
        promises=[
            Promise("failed requests", sum(step.span.failed for step in migrations), 0),
            Promise(
                "p99 during any of them",
                max(step.span.p99_ms for step in migrations),
                P99_LIMIT_MS,
                unit=" ms",
                judged=judged,
            ),
        ],
        notes=[
            "Of a hundred requests 60 read a document, 20 list, 15 search, 5 write; all to the "
            "organization with 13 % of the documents. Latency counts from when a request was due.",
            "The files are benchmarks/recipes/; the rows are filled at 3,000 a second at most.",
            f"To change the type of the id in place locks the table for {in_place:.0f} s.",
        ],
    )
