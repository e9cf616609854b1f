"""The API as a client of a drill sees it: one connection, a status, and what broke off."""

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Self

from howdah.foundation.errors import CommandFailed
from howdah.foundation.settings import Settings

TIMEOUT_SECONDS = 30.0
"""Longer than the API itself tries again after a failover (`cluster.retry_seconds`)."""
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    """An answer, or how the request broke off: then the status is 0."""

    status: int
    body: Any = None
    broke_off: str = ""

    @property
    def done(self) -> bool:
        """Whether it was answered with success."""
        return 200 <= self.status < 300

    @property
    def kind(self) -> str:
        """`503 database_unavailable`, or `timed out`, `connection refused` …"""
        if self.broke_off:
            return self.broke_off
        code = self.body.get("code", "") if isinstance(self.body, dict) else ""
        return f"{self.status} {code}".strip()


class ApiClient:
    """Requests of the first admin over one connection, opened anew after a failure.

    `with` closes it in the end.
    """

    def __init__(self, settings: Settings, timeout_seconds: float = TIMEOUT_SECONDS):
        self._address = (settings.topology.api.host, settings.topology.ports.api)
        self._authorization = f"Bearer {settings.secret('admin_token')}"
        self._timeout_seconds = timeout_seconds
        self._connection: http.client.HTTPConnection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> Answer:
        """The answer to one request to `/api/v1`; never repeated here, never raises."""
        text = None if body is None else json.dumps(body)
        sent = {"Authorization": self._authorization, **headers}
        if text is not None:
            sent["Content-Type"] = "application/json"
        try:
            return self._exchange(method, f"/api/v1{path}", text, sent)
        except (OSError, http.client.HTTPException, ValueError) as failure:
            self.close()
            return Answer(0, broke_off=_words(failure))

    def expect(self, method: str, path: str, body: Any = None) -> Any:
        """The body of an answer that must be a success. Raises CommandFailed."""
        answer = self.ask(method, path, body)
        if not answer.done:
            said = answer.body.get("detail", "") if isinstance(answer.body, dict) else ""
            raise CommandFailed(
                f"the API did not do {method} {path}: {answer.kind} {said}".rstrip(),
                hint="`howdah status` shows what serves",
            )
        return answer.body

    def close(self) -> None:
        """Drop the connection; the next request opens another one."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _exchange(
        self, method: str, path: str, text: str | None, headers: Mapping[str, str]
    ) -> Answer:
        if self._connection is None:
            host, port = self._address
            self._connection = http.client.HTTPConnection(host, port, timeout=self._timeout_seconds)
        self._connection.request(method, path, text, dict(headers))
        answer = self._connection.getresponse()
        raw = answer.read()
        return Answer(answer.status, json.loads(raw) if raw else None)


def _words(failure: Exception) -> str:
    if isinstance(failure, TimeoutError):
        return "timed out"
    if isinstance(failure, OSError) and failure.strerror:
        return failure.strerror.lower()
    return "connection broken"
