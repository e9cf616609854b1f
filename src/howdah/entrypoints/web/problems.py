"""Errors as RFC 9457 problem details, with our `code`.

family              HTTP
InvalidInput        422   (400 when the body cannot even be read)
Unauthenticated     401
Forbidden           403
NotFound            404
Conflict            409
PreconditionFailed  412
TooManyRequests     429   Retry-After
Unavailable         503   Retry-After
anything else       500   its text is for the log, not for the user
"""

import logging
from typing import Any

import orjson
from flask import Response
from werkzeug.exceptions import HTTPException

from howdah.foundation.errors import (
    CommandFailed,
    ConfigInvalid,
    Conflict,
    Forbidden,
    HowdahError,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    ProofFailed,
    TooManyRequests,
    Unauthenticated,
    Unavailable,
)

LOG = logging.getLogger("howdah.web")

STATUS: dict[type[HowdahError], int] = {
    InvalidInput: 422,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    PreconditionFailed: 412,
    Conflict: 409,
    TooManyRequests: 429,
    Unavailable: 503,
    CommandFailed: 500,
    ConfigInvalid: 500,
    ProofFailed: 500,
    HowdahError: 500,
}
TITLES = {
    400: "The request cannot be read",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    412: "Changed in the meantime",
    413: "Too large",
    415: "Unsupported content type",
    422: "Not valid",
    428: "A precondition is required",
    429: "Too many requests",
    500: "Something went wrong here",
    503: "Unavailable right now",
}
DEFAULT_RETRY_AFTER_SECONDS = 2


class Unreadable(InvalidInput):
    """The request's body cannot be read."""

    code = "unreadable"
    status = 400


class Contradiction(InvalidInput):
    """Each value is valid by itself; together they ask for nothing that there is."""

    code = "contradiction"
    status = 400


class TooLarge(InvalidInput):
    """The request's body is too large."""

    code = "too_large"
    status = 413


class UnsupportedContentType(InvalidInput):
    """The request's content type is not one that this endpoint reads."""

    code = "unsupported_content_type"
    status = 415


class PreconditionRequired(InvalidInput):
    """Say with If-Match which revision you are changing."""

    code = "precondition_required"
    status = 428


def status_of(error: HowdahError) -> int:
    """The HTTP status of the nearest family."""
    if isinstance(error, InvalidInput) and hasattr(error, "status"):
        return int(error.status)
    return next(STATUS[family] for family in type(error).__mro__ if family in STATUS)


def problem_response(status: int, code: str, detail: str, request_id: str, **more: Any) -> Response:
    """A problem-details answer."""
    body = {
        "type": "about:blank",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
        "detail": detail,
        "request_id": request_id,
        **more,
    }
    return Response(orjson.dumps(body), status, content_type="application/problem+json")


def from_error(error: HowdahError, request_id: str) -> Response:
    """The answer to an error of ours."""
    status = status_of(error)
    if status == 500:
        LOG.error("request failed", extra={"request_id": request_id}, exc_info=error)
        return problem_response(
            500, "internal_error", f"It is in our log as {request_id}.", request_id
        )
    more: dict[str, Any] = {}
    if "errors" in error.details:
        more["errors"] = error.details["errors"]
    if error.hint:
        more["hint"] = error.hint
    response = problem_response(status, error.code, error.message, request_id, **more)
    if status == 401:
        response.headers["WWW-Authenticate"] = "Bearer"
    response.headers.extend(error.details.get("headers", ()))
    if error.retryable:
        after = error.details.get("retry_after_seconds", DEFAULT_RETRY_AFTER_SECONDS)
        response.headers["Retry-After"] = str(max(1, round(after)))
    return response


def from_http(error: HTTPException, request_id: str) -> Response:
    """The answer to what the router refused (no such path, method not allowed)."""
    status = error.code or 500
    code = TITLES.get(status, "error").lower().replace(" ", "_")
    response = problem_response(status, code, error.description or "", request_id)
    for name, value in error.get_headers():
        if name.lower() == "allow":
            response.headers["Allow"] = value
    return response
