"""One request on its way through: what was asked, by whom, and the database bound to them."""

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from pydantic import BaseModel

from howdah.entrypoints.web.endpoints import Endpoint
from howdah.entrypoints.web.services import Services
from howdah.foundation.database import NOBODY, Binding, Queries, Statement, Transaction
from howdah.foundation.errors import Unauthenticated

AUTHORIZE = "SELECT * FROM howdah.authorize(%s, %s, %s, %s::integer, %s)"
WHO = Statement("who", "SELECT howdah.current_user_id() AS user_id")
AUTHENTICATE = "SELECT * FROM howdah.authenticate(%s, %s, %s)"


@dataclass(slots=False)
class Call:
    """What a handler is given.

    `queries` answers reads; `transaction` is there when the endpoint writes. The handler never
    sees credentials: the first statement it sends carries them along.
    """

    endpoint: Endpoint
    services: Services
    request_id: str
    path: dict[str, Any]
    headers: Any
    client_address: str
    token: str | None
    started: float = 0.0
    """When it arrived, on the clock of time.perf_counter()."""
    position: str | None = None
    """Where its write is in the history, once that is done: its Consistency-Token."""
    query: Any = None
    body: Any = None
    queries: Queries = field(init=False)

    @property
    def transaction(self) -> Transaction:
        """The write transaction of this call."""
        assert isinstance(self.queries, Transaction), f"{self.endpoint.name} declares no writes"
        return self.queries

    @cached_property
    def token_hash(self) -> bytes:
        """SHA-256 of the bearer token. Raises Unauthenticated when there is none."""
        if not self.token:
            raise Unauthenticated(hint="Send `Authorization: Bearer …`.")
        return hashlib.sha256(self.token.encode("utf-8", "surrogateescape")).digest()

    def require_credentials(self) -> None:
        """Before anything else is looked at. Raises Unauthenticated when there are none at all."""
        if self.endpoint.access != "anybody" and not self.token:
            raise Unauthenticated(hint="Send `Authorization: Bearer …`.")

    @property
    def slug(self) -> str:
        """The organization in the path."""
        return str(self.path["slug"])

    @cached_property
    def org_id(self) -> int:
        """The id of the organization in the path; 0, which matches nothing, when it is unknown.

        From the process's cache: it is bound as a constant so that the planner knows the tenant,
        and howdah.authorize() refuses it when it is out of date.
        """
        return self.services.organization_ids.of(self.slug)

    @property
    def user_id(self) -> int:
        """Who is asking; known once the first statement has been answered."""
        return int(self.queries.identity["user_id"])

    def identified(self) -> int:
        """Who is asking, asked for if need be. Round trips: 1 when nothing was sent yet, else 0."""
        if not self.queries.identity:
            self.queries.value(WHO)
        return self.user_id

    @property
    def role(self) -> str:
        """The caller's role in the organization; known as above."""
        return str(self.queries.identity["role"])

    def binding(self) -> Binding:
        """What this call's statements are bound to."""
        if self.endpoint.access == "anybody":
            return NOBODY
        scope = self.endpoint.scope
        if self.endpoint.access == "member":
            return Binding(
                AUTHORIZE, (self.token_hash, scope, self.slug, self.org_id, self.endpoint.role)
            )
        platform = self.endpoint.access == "platform"
        return Binding(AUTHENTICATE, (self.token_hash, scope, platform))

    def fields_sent(self) -> dict[str, Any]:
        """The body's fields that were sent, for partial changes."""
        assert isinstance(self.body, BaseModel)
        return {name: getattr(self.body, name) for name in self.body.model_fields_set}
