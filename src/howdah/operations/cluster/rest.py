"""HTTPS to Patroni and etcd, with the operator's certificate."""

import http.client
import json
import ssl
from dataclasses import dataclass
from typing import Any

from howdah.foundation.errors import Unavailable
from howdah.foundation.settings import Settings

TIMEOUT_SECONDS = 2.0
ERROR_EXCERPT = 300


class Unreachable(Unavailable):
    """It does not answer."""


class TimedOut(Unreachable):
    """It took the request, maybe, and did not answer in time."""


@dataclass(frozen=True)
class Endpoint:
    """Where one program listens; `name` is for sentences."""

    name: str
    host: str
    port: int


@dataclass(frozen=True)
class Reply:
    """What it answered."""

    status: int
    text: str

    @property
    def ok(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body's JSON. Raises Unreachable when it is none: it was not ours that answered."""
        try:
            return json.loads(self.text)
        except ValueError as failure:
            raise Unreachable(f"the answer is not JSON: {self.text[:ERROR_EXCERPT]}") from failure


def operator_context(settings: Settings) -> ssl.SSLContext:
    """Trusts our authority alone and shows the operator's certificate. Raises Unavailable."""
    folder = settings.layout.certificates
    try:
        context = ssl.create_default_context(cafile=str(folder / "ca.crt"))
        context.load_cert_chain(str(folder / "operator.crt"), str(folder / "operator.key"))
    except FileNotFoundError as failure:
        raise Unavailable(
            f"the operator's certificate is not in {folder}",
            hint="`howdah up --profile full` makes it; HOWDAH_HOME says whose",
        ) from failure
    except PermissionError as failure:
        raise Unavailable(
            f"the operator's certificate in {folder} may not be read by this user",
            hint="run the command as the user that ran `howdah up`",
        ) from failure
    return context


def call(  # noqa: PLR0913  (what a request consists of)
    settings: Settings,
    endpoint: Endpoint,
    method: str,
    path: str,
    body: object = None,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Reply:
    """One request. Raises Unreachable when there is no answer in `timeout_seconds`."""
    connection = http.client.HTTPSConnection(
        endpoint.host, endpoint.port, timeout=timeout_seconds, context=operator_context(settings)
    )
    text = None if body is None else json.dumps(body)
    try:
        connection.request(method, path, text, {"Content-Type": "application/json"})
        answer = connection.getresponse()
        return Reply(answer.status, answer.read().decode(errors="replace"))
    except TimeoutError as failure:
        raise TimedOut(f"{endpoint.name} does not answer within {timeout_seconds:g} s") from failure
    except (OSError, http.client.HTTPException) as failure:
        raise Unreachable(f"{endpoint.name} does not answer: {_reason(failure)}") from failure
    finally:
        connection.close()


def _reason(failure: Exception) -> str:
    if isinstance(failure, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(failure, http.client.RemoteDisconnected | ConnectionResetError):
        return "it closed the connection"
    return str(failure) or type(failure).__name__
