"""API tokens of the caller."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, TypeAdapter

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import Body, Out, Slug, whole
from howdah.entrypoints.web.pages import Cursor, PageSize, decode_cursor, page
from howdah.product.accounts.tokens import TokenWish, create_token, list_tokens, revoke_token

PATH = "/me/tokens"
TOKEN_KEY = TypeAdapter(tuple[int])

Scope = Literal["read", "write", "admin"]
# The limits come first: behind a validator they would not reach the schema.
Days = Annotated[int, Field(ge=1, le=3650), BeforeValidator(whole)]
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]


class TokenIn(Body):
    """A new token. Each scope includes those before it: read, write, admin."""

    name: Name
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=3)]
    expires_in_days: Days | None = Field(None, description="Without it the token does not expire.")
    organization: Slug | None = Field(
        None, description="Slug of the only organization it reaches; without it, all of yours."
    )


class Token(Out):
    """A token without its text. One with an org_id reaches that organization only."""

    id: int
    name: str
    scopes: list[Scope]
    org_id: int | None
    organization: str | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None


class NewToken(Token):
    """A token just made. Its text is told here only, and kept nowhere."""

    token: str


class TokenPage(Out):
    """A page of a list; next_cursor is null on the last one."""

    items: list[Token]
    next_cursor: str | None


class TokenList(Body):
    """How to list."""

    limit: PageSize = 20
    cursor: Cursor | None = None


@endpoint(
    "GET",
    PATH,
    summary="List my tokens",
    tag="tokens",
    access="user",
    query=TokenList,
    answers={200: TokenPage},
)
def list_my_tokens(call: Call) -> Answer:
    """The caller's API tokens without their text, newest first."""
    after = decode_cursor(call.query.cursor, TOKEN_KEY)
    rows = list_tokens(call.queries, after[0] if after else None, call.query.limit + 1)
    return Answer(page(rows, call.query.limit, "id"))


# No Idempotency-Key: its record would keep the token.
@endpoint(
    "POST",
    PATH,
    summary="Make a token",
    tag="tokens",
    access="user",
    body=TokenIn,
    answers={201: NewToken},
)
def create_my_token(call: Call) -> Answer:
    """A token for a program. It never reaches further than the token it is made with."""
    asked: TokenIn = call.body
    wish = TokenWish(asked.name, asked.scopes, asked.expires_in_days, asked.organization)
    return Answer(create_token(call.transaction, call.token_hash, wish), 201)


@endpoint(
    "DELETE",
    f"{PATH}/<int:token_id>",
    summary="Revoke a token",
    tag="tokens",
    access="user",
    revokes=True,
    answers={204: None},
)
def revoke_my_token(call: Call) -> Answer:
    """It is worth nothing from the next request on."""
    revoke_token(call.transaction, call.path["token_id"])
    return Answer(None, 204)
