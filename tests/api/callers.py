"""Who asks, in tests of the API: people, organizations, and clients that speak as them."""

from dataclasses import dataclass, field
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "correct horse battery staple"
"""Of every person in these tests."""


@dataclass(frozen=True)
class Person:
    """A user."""

    id: int
    email: str
    full_name: str
    password: str = field(default=PASSWORD, repr=False)


@dataclass(frozen=True)
class Caller:
    """A client that sends one credential, or none, from an address of its own."""

    client: FlaskClient
    address: str
    token: str | None = field(default=None, repr=False)
    person: Person | None = None

    def request(self, method: str, path: str, **more: Any) -> TestResponse:
        """`path` is below /api/v1. `more` goes to werkzeug's test client: json, headers …"""
        headers = dict(more.pop("headers", {}))
        if self.token is not None:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        environ = {"REMOTE_ADDR": self.address}
        return self.client.open(
            f"/api/v1{path}", method=method, headers=headers, environ_base=environ, **more
        )

    def get(self, path: str, **more: Any) -> TestResponse:
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> TestResponse:
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> TestResponse:
        return self.request("PUT", path, **more)

    def patch(self, path: str, **more: Any) -> TestResponse:
        return self.request("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> TestResponse:
        return self.request("DELETE", path, **more)


@dataclass(frozen=True)
class Tenant:
    """An organization of one test's own."""

    id: int
    slug: str
    owner: Person

    def path(self, below: str = "") -> str:
        """`/orgs/<slug>` and what is below it: `tenant.path("documents/7")`."""
        return f"/orgs/{self.slug}/{below}".rstrip("/")


@dataclass
class Messages:
    """The messages sent to PostgreSQL, by the name of their statement, in order."""

    names: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Round trips."""
        return len(self.names)
