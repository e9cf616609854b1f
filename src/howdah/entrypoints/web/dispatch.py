"""The journey of one request: read → admit → bind → handle → answer → record.

Round trips to PostgreSQL: those of the handler. Authentication, membership and tenant travel in
its first message; an Idempotency-Key travels in the first and the last one.
"""

import os
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
from flask import Request, Response, request
from pydantic import ValidationError

from howdah.entrypoints.web import idempotency
from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.consistency import HEADER, NotKnown, token_of
from howdah.entrypoints.web.endpoints import Answer, Endpoint
from howdah.entrypoints.web.fields import LARGEST_ID
from howdah.entrypoints.web.mistakes import described
from howdah.entrypoints.web.patience import NOTHING_HAPPENED
from howdah.entrypoints.web.problems import (
    TooLarge,
    Unreadable,
    UnsupportedContentType,
    from_error,
)
from howdah.entrypoints.web.records import record_request
from howdah.entrypoints.web.services import Services
from howdah.foundation.database import Position, Rolledback, StaleIdentity
from howdah.foundation.errors import (
    Conflict,
    Forbidden,
    HowdahError,
    InvalidInput,
    NotFound,
    TooManyRequests,
    Unauthenticated,
)
from howdah.foundation.metrics import REPLICA_FALLBACKS

TRIES = 3
REQUEST_ID_CHARACTERS = frozenset(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
)


SECURITY_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'"),
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
)


def view_of(endpoint: Endpoint, services: Services) -> Callable[..., Response]:
    """The Flask view that carries out one endpoint."""

    def view(**path: Any) -> Response:
        started = time.perf_counter()
        # Flask's `request` looks for the request at every access; this is the request itself.
        incoming: Request = request._get_current_object()  # type: ignore[attr-defined]
        request_id = request_id_of(incoming)
        call = Call(
            endpoint=endpoint,
            services=services,
            request_id=request_id,
            path=path,
            headers=incoming.headers,
            client_address=incoming.remote_addr or "unknown",
            token=bearer_token(incoming),
            started=started,
        )
        headers = [("X-Request-ID", request_id), *SECURITY_HEADERS]
        try:
            headers += services.rate_limits.admit(call)
            call.require_credentials()
            read_request(call, incoming)
            answer = carried_out(call)
            if call.position is not None:
                headers.append((HEADER, call.position))
            response = response_of(answer, headers)
        except HowdahError as error:
            response = from_error(counted(call, error), request_id)
            response.headers.extend(headers)
        record_request(call, response.status_code, time.perf_counter() - started)
        return response

    view.__name__ = endpoint.name
    return view


def counted(call: Call, error: HowdahError) -> HowdahError:
    """The error, or TooManyRequests when too many credentials from there were refused."""
    if not isinstance(error, Unauthenticated) or not call.token:
        return error
    try:
        call.services.rate_limits.refused(call.client_address)
    except TooManyRequests as exceeded:
        return exceeded
    return error


def request_id_of(incoming: Request) -> str:
    """The caller's X-Request-ID when it is harmless, else a new one."""
    given: str = incoming.environ.get("HTTP_X_REQUEST_ID", "")
    if 0 < len(given) <= 100 and REQUEST_ID_CHARACTERS.issuperset(given):
        return given
    return os.urandom(16).hex()


def bearer_token(incoming: Request) -> str | None:
    """The token of `Authorization: Bearer …`."""
    kind, _, token = incoming.environ.get("HTTP_AUTHORIZATION", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" and token.strip() else None


def read_request(call: Call, incoming: Request) -> None:
    """Validate the path's numbers, the query string and the body."""
    endpoint = call.endpoint
    if any(isinstance(part, int) and part > LARGEST_ID for part in call.path.values()):
        raise NotFound()
    limit_bytes = getattr(call.services.settings.topology.api, endpoint.body_limit)
    if endpoint.query is not None:
        call.query = validated(endpoint.query, query_values(incoming, endpoint), "query")
    if endpoint.raw_body:
        require_content_type(incoming, *endpoint.raw_body)
        call.body = read_body(incoming, limit_bytes)
    elif endpoint.body is not None:
        require_content_type(incoming, "application/json", "application/merge-patch+json")
        raw = read_body(incoming, limit_bytes)
        try:
            data = orjson.loads(raw)
        except orjson.JSONDecodeError as failure:
            raise Unreadable(f"The body is not valid JSON: {failure}.") from None
        call.body = validated(endpoint.body, data, "body")


def query_values(incoming: Request, endpoint: Endpoint) -> dict[str, Any]:
    """Query parameters; those that the model declares as lists keep every value."""
    assert endpoint.query is not None
    values: dict[str, Any] = {}
    for name, given in incoming.args.lists():
        declared = endpoint.query.model_fields.get(name)
        repeated = declared is not None and "list" in str(declared.annotation)
        if not repeated and len(given) > 1:
            raise InvalidInput(f"The query parameter {name!r} is given {len(given)} times.")
        values[name] = given if repeated else given[0]
    return values


def require_content_type(incoming: Request, *accepted: str) -> None:
    """Raises UnsupportedContentType."""
    if incoming.mimetype not in accepted:
        raise UnsupportedContentType(
            f"Send the body as {' or '.join(accepted)}, not as {incoming.mimetype or 'nothing'}."
        )


def read_body(incoming: Request, limit_bytes: int) -> bytes:
    """The whole body. Raises TooLarge before reading more than the limit."""
    length = incoming.content_length
    if length is not None and length > limit_bytes:
        raise TooLarge(f"The body has {length} bytes; at most {limit_bytes} are accepted.")
    # A body in chunks does not say its length, and Werkzeug cuts it off at the limit in silence.
    incoming.max_content_length = limit_bytes + 1
    body = incoming.get_data(cache=False)
    if len(body) > limit_bytes:
        raise TooLarge(f"The body has more than the {limit_bytes} bytes that are accepted.")
    return body


def validated(model: Any, data: Any, where: str) -> Any:
    """The data as the model. Raises InvalidInput that lists every mistake."""
    try:
        return model.model_validate(data)
    except ValidationError as failure:
        found = failure.errors(include_url=False, include_input=False)
        errors = [described(mistake, where) for mistake in found]
        sentence = "; ".join(f"{mistake['field']} {mistake['message']}" for mistake in errors[:3])
        raise InvalidInput(f"The {where} is not valid: {sentence}.", errors=errors) from None


def carried_out(call: Call) -> Answer:
    """Run the handler, again when the database rolled it back or the organization moved."""
    for remaining in reversed(range(TRIES)):
        try:
            return handled(call)
        except StaleIdentity:
            call.services.organization_ids.forget(call.slug)
            del call.org_id
            if not remaining:
                raise
        except Rolledback:
            if not remaining:
                raise
    raise AssertionError("unreachable")


def handled(call: Call) -> Answer:
    """Run the handler once, with the database bound to the caller."""
    endpoint = call.endpoint
    if endpoint.transaction:
        answer = idempotency.in_transaction(call, endpoint.handler)
    elif endpoint.method == "GET":
        try:
            answer = read(call)
        except NOTHING_HAPPENED as failure:
            answer = call.services.patience.outlast(failure, partial(read, call), call.started)
    else:
        answer = read(call)
    if endpoint.access != "anybody":
        call.services.touches.note(call.token_hash, call.queries.identity)
    return answer


def read(call: Call) -> Answer:
    """Run a handler that reads, on the purpose's replica where there is one.

    What a replica did not find, or would not show, the primary is asked for: a replica may not
    have heard of it yet.
    """
    endpoint, database = call.endpoint, call.services.database
    purpose, position = endpoint.purpose, token_of(call)
    if purpose in database.routes and call.token:
        purpose, position = routed(call, position)
    call.queries = reader = database.read(call.binding(), purpose, position)
    try:
        return endpoint.handler(call)
    except (Unauthenticated, Forbidden, NotFound, Conflict):
        if not reader.may_be_behind:
            raise
        reader.ask_the_primary("refused")
        return endpoint.handler(call)


def routed(call: Call, given: Position | None) -> tuple[str, Position | None]:
    """The purpose to read with, and the position not to miss: the latest that is known.

    Also with a token of the caller's: others may have taken access away. When Redis cannot say,
    the primary is read, or NotKnown raised if the purpose must not use it.
    """
    purpose, services = call.endpoint.purpose, call.services
    try:
        noted = services.last_writes.of(call.token_hash)
    except NotKnown:
        REPLICA_FALLBACKS.labels(purpose, "unknown").inc()
        if not services.database.routes[purpose].falls_back:
            raise
        return "primary", given
    return purpose, max(filter(None, (given, noted)), default=None)


def response_of(answer: Answer, headers: list[tuple[str, str]]) -> Response:
    """The answer on the wire. Headers are given whole: adding one by one costs a scan each."""
    body = answer.body
    if body is None:
        return Response(None, answer.status, [*headers, *answer.headers.items()], mimetype="")
    if answer.content_type == "application/json":
        body = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    return Response(
        body,
        answer.status,
        [("Content-Type", answer.content_type), *headers, *answer.headers.items()],
    )
