"""The declaration of endpoints: everything about one that is not its work.

One declaration is what dispatch.py carries out and what openapi.py describes, so the two cannot
disagree.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

if TYPE_CHECKING:
    from howdah.entrypoints.web.calls import Call

Role = Literal["viewer", "editor", "admin", "owner"]
Scope = Literal["read", "write", "admin"]


@dataclass(frozen=True, slots=True)
class Header:
    """A request header that an endpoint reads."""

    description: str
    pattern: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gives back. `body`: JSON-able data, bytes, an iterator of bytes, or None."""

    body: Any = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = "application/json"


Handler = Callable[["Call"], Answer]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method on one path."""

    method: str
    path: str
    """Below /api/v1, in Flask's notation: `/orgs/<slug>/documents/<int:document_id>`."""
    handler: Handler
    summary: str
    tag: str
    answers: Mapping[int, Any]
    """Status → model of the body (a pydantic type), None for no body, a string: content type."""
    access: Literal["anybody", "user", "platform", "member"]
    """`member` binds the transaction to the organization of `<slug>` in the path."""
    role: Role
    scope: Scope
    query: type[BaseModel] | None
    body: type[BaseModel] | None
    raw_body: tuple[str, ...]
    """Content types of a body that is handed over as bytes, e.g. application/zip."""
    body_limit: str
    """The setting of `[api]` that limits the body: max_body_bytes, max_import_bytes."""
    purpose: str
    """Which replica a GET may be answered by."""
    transaction: bool
    """Whether the handler gets `call.transaction` (else `call.queries`, reads)."""
    idempotency: bool
    """Whether an Idempotency-Key is honoured."""
    headers: Mapping[str, Header]
    """Request headers it reads beyond the common ones."""
    revokes: bool
    """Whether it may take somebody's access away: every server must know it at once."""

    @property
    def name(self) -> str:
        """The label of metrics and logs, and the operationId."""
        return self.handler.__name__


class Registry:
    """All endpoints, in the order of their declaration."""

    def __init__(self) -> None:
        self._endpoints: dict[str, Endpoint] = {}

    def __iter__(self) -> Iterator[Endpoint]:
        return iter(self._endpoints.values())

    def endpoint(  # noqa: PLR0913  (a declaration: every part by name)
        self,
        method: str,
        path: str,
        *,
        summary: str,
        tag: str,
        answers: Mapping[int, Any],
        access: Literal["anybody", "user", "platform", "member"] = "member",
        role: Role = "viewer",
        scope: Scope | None = None,
        query: type[BaseModel] | None = None,
        body: type[BaseModel] | None = None,
        raw_body: tuple[str, ...] = (),
        body_limit: str = "max_body_bytes",
        purpose: str = "primary",
        transaction: bool | None = None,
        idempotency: bool = False,
        headers: Mapping[str, Header] | None = None,
        revokes: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare the decorated function as the handler of `method path`."""

        def declare(handler: Handler) -> Handler:
            if handler.__name__ in self._endpoints:
                raise ValueError(f"two endpoints are called {handler.__name__}")
            reads = method == "GET"
            self._endpoints[handler.__name__] = Endpoint(
                method=method,
                path=path,
                handler=handler,
                summary=summary,
                tag=tag,
                answers=answers,
                access=access,
                role=role,
                scope=scope or ("read" if reads else "write"),
                query=query,
                body=body,
                raw_body=raw_body,
                body_limit=body_limit,
                purpose=purpose,
                transaction=(not reads) if transaction is None else transaction,
                idempotency=idempotency,
                headers=headers or {},
                revokes=revokes,
            )
            return handler

        return declare


REGISTRY = Registry()
endpoint = REGISTRY.endpoint
