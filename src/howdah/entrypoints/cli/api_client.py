"""The command line as a client of the API: the same door as everybody's, with the same rights.

Talks to this installation as its first admin, or to HOWDAH_URL with HOWDAH_TOKEN.
"""

import http.client
import shutil
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from typing import IO, Any

import orjson

from howdah.foundation import errors
from howdah.foundation.settings import Settings, settings_in_force

TIMEOUT_SECONDS = 60
# Not through a proxy that the environment may name: the API is on this machine or where HOWDAH_URL
# says, and the token is for it alone.
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))
FAMILIES: dict[int, type[errors.HowdahError]] = {
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    409: errors.Conflict,
    412: errors.PreconditionFailed,
    429: errors.TooManyRequests,
    503: errors.Unavailable,
}


class ApiClient:
    """Requests to `/api/v1`; a problem in the answer is raised as the family it came from."""

    def __init__(self, url: str, token: str):
        self._url = url.rstrip("/").removesuffix("/api/v1") + "/api/v1"
        self._token = token

    @classmethod
    def of(cls, settings: Settings) -> "ApiClient":
        """The client of this installation, or of another one that the settings name.

        Raises Unavailable when this one was never brought up, InvalidInput for another one
        without a token: the first admin's is nobody else's business.
        """
        if settings.api_url and not settings.api_token:
            raise errors.InvalidInput(
                f"HOWDAH_URL names {settings.api_url}, and there is no token for it",
                hint="set HOWDAH_TOKEN to one",
            )
        topology = settings_in_force(settings).topology
        own = f"http://{topology.api.host}:{topology.ports.api}"
        return cls(settings.api_url or own, settings.api_token or settings.secret("admin_token"))

    def get(self, path: str, **query: Any) -> Any:
        """The JSON answer to a GET."""
        return self._json(self._request("GET", path, query))

    def send(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON answer (None when it is empty) to a request with a JSON body."""
        data = None if body is None else orjson.dumps(body)
        headers = {} if data is None else {"Content-Type": "application/json"}
        return self._json(self._request(method, path, query, data, headers))

    def upload(self, path: str, data: IO[bytes], size: int, kind: str, **query: Any) -> Any:
        """The JSON answer to a POST of a file of `size` bytes."""
        headers = {"Content-Type": kind, "Content-Length": str(size)}
        return self._json(self._request("POST", path, query, data, headers))

    def download(self, path: str, target: IO[bytes]) -> None:
        """Write the answer's body to a file."""
        with self._request("GET", path, {}) as answer:
            try:
                shutil.copyfileobj(answer, target)
            except (OSError, http.client.HTTPException) as failure:
                raise errors.Unavailable(f"the download broke off ({failure})") from None

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """Every item of a list, page by page."""
        cursor = None
        while True:
            page = self.get(path, cursor=cursor, **query)
            yield from page["items"]
            cursor = page["next_cursor"]
            if cursor is None:
                return

    def _request(
        self,
        method: str,
        path: str,
        query: Mapping[str, Any],
        data: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        given = {name: value for name, value in query.items() if value is not None}
        text = urllib.parse.urlencode(given, doseq=True)
        place = urllib.parse.quote(path, safe="/%")
        url = f"{self._url}{place}{'?' + text if text else ''}"
        request = urllib.request.Request(url, data, dict(headers or {}), method=method)  # noqa: S310  (http or https as the user configured)
        request.add_header("Authorization", f"Bearer {self._token}")
        try:
            answer: http.client.HTTPResponse = OPENER.open(request, timeout=TIMEOUT_SECONDS)
            return answer
        except urllib.error.HTTPError as refused:
            raise failure_of(refused) from None
        except ValueError:  # its text holds the header, and so the token
            raise errors.InvalidInput(
                "the request cannot be sent: HOWDAH_URL or HOWDAH_TOKEN is none"
            ) from None
        except (OSError, http.client.HTTPException) as failure:
            raise errors.Unavailable(
                f"the API at {self._url} does not answer ({failure})",
                hint="`howdah status` shows what runs; `howdah up` starts it",
            ) from None

    @staticmethod
    def _json(answer: http.client.HTTPResponse) -> Any:
        with answer:
            raw = answer.read()
        return orjson.loads(raw) if raw else None


def failure_of(refused: urllib.error.HTTPError) -> errors.HowdahError:
    """The problem details of an answer as one of our errors."""
    with refused:
        raw = refused.read()
    try:
        problem = orjson.loads(raw)
        message, hint = problem["detail"], problem.get("hint")
    except (orjson.JSONDecodeError, KeyError, TypeError):
        message, hint = f"the API answered {refused.code} without saying why", None
    invalid = errors.InvalidInput if refused.code < 500 else errors.CommandFailed
    return FAMILIES.get(refused.code, invalid)(message, hint=hint)
