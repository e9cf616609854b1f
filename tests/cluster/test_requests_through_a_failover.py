"""What clients and background work notice of a primary that is killed: that it took a moment."""

import io
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from howdah.foundation.processes.supervisor import Supervisor
from howdah.foundation.settings import Settings
from howdah.operations.cluster.patroni import leader
from howdah.operations.drills import faults
from howdah.operations.drills.tenant import written
from howdah.operations.drills.wholeness import wait_until_whole
from tests.cluster.requests_to_api import ask, organization

PROGRAMS = ("api", "worker", "relay", "scheduler")
CLIENTS = 4
PACE_SECONDS = 0.06


@pytest.fixture
def slug(cluster: Settings) -> Iterator[str]:
    with organization(cluster) as found:
        yield found


@contextmanager
def killed_primary(settings: Settings) -> Iterator[None]:
    """It is killed a second into the block; afterwards the cluster is whole again."""
    killing = threading.Timer(1, lambda: faults.kill_members(settings, [leader(settings).name]))
    killing.start()
    try:
        yield
    finally:
        killing.join()
        wait_until_whole(settings, 90)


def pids(settings: Settings) -> dict[str, int]:
    states = Supervisor(settings.layout.supervisor_socket).states()
    return {name: states[name].pid for name in PROGRAMS}


def test_every_request_with_a_key_is_done_once(cluster: Settings, slug: str) -> None:
    begun, seconds = time.monotonic(), 14
    before = pids(cluster)

    def client(number: int) -> list[tuple[str, int]]:
        answers = []
        while time.monotonic() - begun < seconds:
            title = f"{number}-{len(answers)}"
            answer = ask(
                cluster,
                "POST",
                f"/orgs/{slug}/documents",
                {"title": title, "content": "…"},
                {"Idempotency-Key": f"{slug}-{title}"},
            )
            answers.append((title, answer.status))
            time.sleep(PACE_SECONDS)
        return answers

    with killed_primary(cluster), ThreadPoolExecutor(CLIENTS) as pool:
        answers = [answer for found in pool.map(client, range(CLIENTS)) for answer in found]
    assert Counter(status for _, status in answers) == {201: len(answers)}
    assert written(cluster, slug) == {title: 1 for title, _ in answers}
    assert pids(cluster) == before


def test_an_import_goes_on_after_the_failover(cluster: Settings, slug: str) -> None:
    before = pids(cluster)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as files:
        for number in range(400):
            files.writestr(f"page-{number}.md", f"# Page {number}\n\n" + "words " * 400)
    with killed_primary(cluster):
        time.sleep(0.5)
        started = ask(
            cluster,
            "POST",
            f"/orgs/{slug}/imports",
            headers={"Content-Type": "application/zip", "Idempotency-Key": slug},
            raw=archive.getvalue(),
        )
        assert started.status == 202, started.body
        job = ended(cluster, f"/orgs/{slug}/jobs/{started.body['id']}")
    assert job["state"] == "succeeded", job
    found = written(cluster, slug)
    assert (len(found), set(found.values())) == (400, {1})
    assert pids(cluster) == before


def ended(settings: Settings, path: str) -> dict[str, object]:
    gives_up_at = time.monotonic() + 90
    while True:
        answer = ask(settings, "GET", path)
        if answer.status == 200 and answer.body["finished_at"] is not None:
            return dict(answer.body)
        assert time.monotonic() < gives_up_at, answer.body
        time.sleep(0.2)
