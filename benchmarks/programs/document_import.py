"""Importing the PostgreSQL manual through the API, and when its first page can be found."""

import io
import secrets
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.data import debian
from benchmarks.data.access import Tenant, largest_tenant
from benchmarks.measure.http import Api
from benchmarks.measure.report import Promise, Report
from benchmarks.workspace import Workspace
from howdah.foundation.errors import CommandFailed

SUMMARY = "import of the PostgreSQL manual: documents a second, first hit"
NEEDS = ()  # all services: the worker and the relay carry imports out

MANUAL = ("postgresql-doc-15",)
QUERY = "postgresql"
LONGEST_SECONDS = 300
POLL_SECONDS = 0.02


def run(workspace: Workspace) -> Report:
    """From the first byte of the upload to the job's end, in a new organization."""
    manual = _manual(workspace)
    archive = _zipped(manual)
    with _organization(workspace) as tenant:
        api = Api(workspace.settings.topology.ports.api, tenant.token)
        begun = time.monotonic()
        first_hit: list[float] = []
        done = threading.Event()
        watcher = threading.Thread(target=_await_hit, args=(api, tenant, begun, first_hit, done))
        watcher.start()
        try:
            job = _import(api, tenant, archive)
        finally:
            seconds = time.monotonic() - begun
            done.set()
            watcher.join()
    imported = job["progress_done"]
    first = first_hit[0] if first_hit else float("inf")
    return Report(
        name="import",
        title="Import of the PostgreSQL manual",
        columns=("measure", "value"),
        rows=[
            ("pages", len(manual)),
            ("documents", imported),
            ("seconds, upload to the end of the job", seconds),
            ("documents/s", imported / seconds),
            ("first hit searchable after, seconds", first),
            ("archive, MB", len(archive) / 1e6),
        ],
        promises=[
            Promise("documents/s", imported / seconds, 100, at_least=True),
            Promise("first hit before the last page: seconds", first, seconds, unit=" s"),
            Promise("pages that became documents", imported, len(manual), at_least=True),
        ],
        notes=[
            "Uploaded as one zip, imported by one worker; search was asked every "
            f"{POLL_SECONDS * 1000:.0f} ms meanwhile.",
            f"Result of the job: {_short(job['result'])}",
        ],
    )


def _manual(workspace: Workspace) -> list[Path]:
    corpus = workspace.folder / "corpus"
    debian.fetch(MANUAL, corpus)
    return sorted((corpus / "files/usr/share/doc/postgresql-doc-15/html").glob("*.html"))


def _zipped(pages: list[Path]) -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in pages:
            archive.write(page, page.name)
    return memory.getvalue()


@contextmanager
def _organization(workspace: Workspace) -> Iterator[Tenant]:
    """An empty organization owned by the largest tenant's owner; removed with all it holds."""
    slug = f"bench-import-{secrets.token_hex(4)}"
    with workspace.connect() as connection:
        owner = largest_tenant(connection, workspace.folder / "tokens", workspace.scale)
        row = connection.execute(
            "INSERT INTO organizations (name, slug) VALUES (%s, %s) RETURNING id", (slug, slug)
        ).fetchone()
        assert row is not None
        connection.execute(
            "INSERT INTO memberships (org_id, user_id, role) VALUES (%s, %s, 'owner')",
            (row[0], owner.user_id),
        )
        try:
            yield Tenant(row[0], slug, owner.user_id, owner.token)
        finally:
            connection.execute("DELETE FROM documents WHERE org_id = %s", (row[0],))
            connection.execute("DELETE FROM organizations WHERE id = %s", (row[0],))


def _import(api: Api, tenant: Tenant, archive: bytes) -> Any:
    """The job as it ended. Raises CommandFailed when it failed or did not end in time."""
    path = f"/orgs/{tenant.slug}/imports?file_name=manual.zip"
    job = api.ask("POST", path, archive, "application/zip")
    deadline = time.monotonic() + LONGEST_SECONDS
    while job["state"] in ("queued", "running"):
        if time.monotonic() > deadline:
            raise CommandFailed(f"The import did not end within {LONGEST_SECONDS} s.")
        time.sleep(POLL_SECONDS)
        job = api.get(f"/orgs/{tenant.slug}/jobs/{job['id']}")
    if job["state"] != "succeeded":
        raise CommandFailed(f"The import failed: {job['error']}")
    return job


def _await_hit(
    api: Api, tenant: Tenant, begun: float, first_hit: list[float], done: threading.Event
) -> None:
    while not done.is_set() and not first_hit:
        found = api.get(f"/orgs/{tenant.slug}/search?q={QUERY}")
        if found["items"]:
            first_hit.append(time.monotonic() - begun)
        time.sleep(POLL_SECONDS)


def _short(result: Any) -> str:
    kept = {key: value for key, value in result.items() if isinstance(value, int)}
    return ", ".join(f"{key} {value}" for key, value in kept.items())
