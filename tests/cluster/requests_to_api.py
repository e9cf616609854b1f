"""Requests of the first admin to the running API, with what tests of consistency look at."""

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from howdah.foundation.settings import Settings
from howdah.operations.drills.tenant import PREFIX, remove_tenant

TOKEN = "Consistency-Token"
TIMEOUT_SECONDS = 40.0


@dataclass(frozen=True)
class Answer:
    """Status 0: the connection broke."""

    status: int
    body: Any
    token: str | None


@dataclass(frozen=True)
class Document:
    """A document that counts its own changes in its title, and the API that it lies behind."""

    settings: Settings
    slug: str
    id: int

    @property
    def word(self) -> str:
        """What search finds it by, and nothing else."""
        return f"countingdocument{self.id}"

    def write(self, number: int) -> Answer:
        title = f"{self.word} {number}"
        headers = {"If-Match": "*"}
        return ask(self.settings, "PATCH", self._path(f"/{self.id}"), {"title": title}, headers)

    def listed(self, token: str | None = None) -> int | None:
        """The number in the list of documents; None when there was no answer."""
        return self._number(ask(self.settings, "GET", self._path("?limit=5"), headers=_with(token)))

    def found(self, token: str | None = None) -> int | None:
        """The number that search finds."""
        path = f"/orgs/{self.slug}/search?q={self.word}"
        return self._number(ask(self.settings, "GET", path, headers=_with(token)))

    def _path(self, below: str) -> str:
        return f"/orgs/{self.slug}/documents{below}"

    def _number(self, answer: Answer) -> int | None:
        if answer.status in (0, 503):
            return None
        assert answer.status == 200, answer.body
        titles = [item["title"] for item in answer.body["items"] if item["id"] == self.id]
        return int(titles[0].split()[1]) if titles else -1


@contextmanager
def organization(settings: Settings) -> Iterator[str]:
    """The slug of an organization that is removed afterwards, with all it holds."""
    slug = f"{PREFIX}{uuid4().hex[:10]}"
    made = ask(settings, "POST", "/orgs", {"slug": slug, "name": "Made by a test"})
    assert made.status == 201, made.body
    try:
        yield slug
    finally:
        remove_tenant(settings, slug)


@contextmanager
def counting_document(settings: Settings) -> Iterator[Document]:
    """A document in an organization of its own."""
    with organization(settings) as slug:
        made = ask(
            settings, "POST", f"/orgs/{slug}/documents", {"title": "starting 0", "content": "…"}
        )
        document = Document(settings, slug, made.body["id"])
        assert document.write(0).status == 200
        yield document


def ask(
    settings: Settings,
    method: str,
    path: str,
    body: Any = None,
    headers: Mapping[str, str] | None = None,
    raw: bytes | None = None,
) -> Answer:
    """One request on a connection of its own, so that any process of the API may answer."""
    api = settings.topology.api
    connection = http.client.HTTPConnection(api.host, api.port, timeout=TIMEOUT_SECONDS)
    sent = {
        "Authorization": f"Bearer {settings.secret('admin_token')}",
        "Content-Type": "application/json",
        **(headers or {}),
    }
    try:
        text = None if body is None else json.dumps(body).encode()
        connection.request(method, f"/api/v1{path}", text if raw is None else raw, sent)
        answer = connection.getresponse()
        raw = answer.read()
    except (OSError, http.client.HTTPException):
        return Answer(0, None, None)
    finally:
        connection.close()
    return Answer(answer.status, json.loads(raw) if raw else None, answer.headers[TOKEN])


def _with(token: str | None) -> dict[str, str]:
    return {TOKEN: token} if token else {}
