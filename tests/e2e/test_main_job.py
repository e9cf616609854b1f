"""The main job, from the command line to the search hit, on the whole stack."""

import io
import time
import urllib.request
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from howdah.entrypoints.cli.api_client import ApiClient
from howdah.foundation.settings import CHECKOUT, Settings

MANUAL = Path("/usr/share/doc/postgresql-doc-15/html")
Howdah = Callable[..., str]


@pytest.fixture(scope="module")
def client(settings: Settings, service: Any) -> ApiClient:
    return ApiClient(service.root, service.token)


@pytest.fixture
def org(client: ApiClient) -> str:
    """A new organization."""
    slug = f"e2e-{time.time_ns()}"
    client.send("POST", "/orgs", {"name": "End to end", "slug": slug})
    return slug


def finished(client: ApiClient, org: str, job: dict[str, Any]) -> dict[str, Any]:
    deadline = time.monotonic() + 120
    while job["state"] in {"queued", "running"}:
        assert time.monotonic() < deadline, f"the job did not end: {job}"
        time.sleep(0.2)
        job = client.get(f"/orgs/{org}/jobs/{job['id']}")
    return job


def test_the_tour_of_the_readme_works_as_written(tour: str, service: Any, run_tour: Any) -> None:
    assert MANUAL.is_dir(), "install postgresql-doc-15: ./howdah does"
    output = run_tour(tour)
    assert "1169 created" in output or "1169 unchanged" in output
    assert "<mark>" in output
    assert '"lines_added": 1' in output


def test_the_manual_imported_again_changes_nothing(howdah: Howdah, org: str) -> None:
    first = orjson.loads(howdah("document", "import", str(MANUAL), "--org", org, "--json"))
    again = orjson.loads(howdah("document", "import", str(MANUAL), "--org", org, "--json"))
    created = first["result"]["created"]
    assert created > 1100
    assert again["result"] | {"skipped": []} == {
        "created": 0,
        "updated": 0,
        "unchanged": created,
        "skipped_count": first["result"]["skipped_count"],
        "skipped": [],
    }


def test_the_first_page_can_be_found_before_the_last_is_in(client: ApiClient, org: str) -> None:
    """Of many pages the first batch is searchable while the job still runs."""
    upload = io.BytesIO()
    with zipfile.ZipFile(upload, "w") as archive:
        for number in range(3000):
            archive.writestr(f"{number:04d}.md", f"# Page {number}\n" + "aardvark zebra " * 100)
    size = upload.tell()
    upload.seek(0)
    job = client.upload(f"/orgs/{org}/imports", upload, size, "application/zip")
    found_while_running = False
    while job["state"] in {"queued", "running"} and not found_while_running:
        hits = client.get(f"/orgs/{org}/search", q="aardvark", limit=1)["total"]
        job = client.get(f"/orgs/{org}/jobs/{job['id']}")
        found_while_running = hits > 0 and job["state"] == "running"
    assert found_while_running
    assert finished(client, org, job)["result"]["created"] == 3000


def test_an_export_imported_elsewhere_is_the_same(
    howdah: Howdah, client: ApiClient, org: str, tmp_path: Path
) -> None:
    written = {"title": "Ünïcode", "content": "# One\n\ntwo", "tags": ["a", "b"]}
    client.send("POST", f"/orgs/{org}/documents", {**written, "language": "german"})
    archive = tmp_path / "export.zip"
    howdah("document", "export", "--org", org, "--output", str(archive))
    other = f"{org}-copy"
    client.send("POST", "/orgs", {"name": "Copy", "slug": other})
    howdah("document", "import", str(archive), "--org", other)
    (summary,) = client.get(f"/orgs/{other}/documents")["items"]
    copy = client.get(f"/orgs/{other}/documents/{summary['id']}")
    assert {name: copy[name] for name in written} == written
    assert copy["language"] == "german"


def test_the_page_of_the_api_names_every_endpoint(client: ApiClient, service: Any) -> None:
    with urllib.request.urlopen(f"{service.root}/docs", timeout=10) as answer:
        page = answer.read().decode()
    with urllib.request.urlopen(f"{service.root}/openapi.json", timeout=10) as answer:
        document = orjson.loads(answer.read())
    for path in document["paths"]:
        assert f"<code>{path}</code>" in page
    assert (CHECKOUT / "docs/reference/api.md").is_file()


def test_metrics_count_requests_of_all_processes(client: ApiClient, service: Any) -> None:
    for _ in range(5):
        client.get("/me")
    with urllib.request.urlopen(f"{service.root}/metrics", timeout=10) as answer:
        text = answer.read().decode()
    assert "howdah_request_duration_seconds_bucket" in text
    assert 'statement="' in text
