"""One request at a time to the API, for what needs to be read rather than driven."""

import http.client
import json
from dataclasses import dataclass
from typing import Any

from howdah.foundation.errors import CommandFailed

_TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Api:
    """The API of the stack with a bearer token. Each request has its own connection."""

    port: int
    token: str

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        content_type: str = "application/json",
    ) -> Any:
        """The answer's JSON. Raises CommandFailed for an answer of 400 and above."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_SECONDS)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": content_type}
        try:
            connection.request(method, f"/api/v1{path}", body, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status >= 400:
            raise CommandFailed(f"{method} {path} was answered {answer.status}: {text[:300]!r}")
        return json.loads(text) if text else None

    def get(self, path: str) -> Any:
        return self.ask("GET", path)
