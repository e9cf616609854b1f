"""Documents of an organization."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import (
    Body,
    Id,
    Language,
    Moment,
    Out,
    Tag,
    Tags,
    Text,
    kept_when_absent,
)
from howdah.entrypoints.web.pages import Cursor, PageSize, decode_cursor, page
from howdah.entrypoints.web.preconditions import (
    IF_MATCH,
    IF_MATCH_OPTIONAL,
    etag,
    expected_revision,
    not_modified,
)
from howdah.foundation.database import Row
from howdah.foundation.errors import InvalidInput
from howdah.product.documents.markdown import render
from howdah.product.documents.reading import Filters, get_document, list_by_time, list_by_title
from howdah.product.documents.writing import (
    Draft,
    change_document,
    create_document,
    delete_document,
    restore_document,
)

PATH = "/orgs/<slug>/documents"
ONE = f"{PATH}/<int:document_id>"
TIME_KEY = TypeAdapter(tuple[datetime, int])
TITLE_KEY = TypeAdapter(tuple[str, int])

Title = Annotated[str, Field(min_length=1, max_length=500, pattern=r"^[^\x00]*[^\x00\s][^\x00]*$")]


class DocumentIn(Body):
    """A new document."""

    title: Title
    content: Text
    tags: Tags = Field(default_factory=list)
    language: Language | None = None


class DocumentChange(Body):
    """The fields to change; the others stay."""

    title: Title = kept_when_absent()
    content: Text = kept_when_absent()
    tags: Tags = kept_when_absent()
    language: Language = kept_when_absent()


class Document(Out):
    """A document with its content."""

    id: int
    title: str
    content: str
    tags: list[str]
    language: str
    author_id: int
    updated_by: int | None
    revision: int
    created_at: datetime
    updated_at: datetime


class DocumentSummary(Out):
    """A document in a list."""

    id: int
    title: str
    tags: list[str]
    language: str
    author_id: int
    revision: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class DocumentPage(Out):
    """A page of a list; next_cursor is null on the last one."""

    items: list[DocumentSummary]
    next_cursor: str | None


class DocumentList(Body):
    """How to list. Repeat tag and any_tag for several."""

    sort: Literal["-updated_at", "title"] = "-updated_at"
    tag: list[Tag] | None = Field(None, max_length=50, description="Has all of these.")
    any_tag: list[Tag] | None = Field(None, max_length=50, description="Has one of these.")
    author_id: Id | None = None
    language: Language | None = None
    updated_from: Moment | None = None
    updated_to: Moment | None = None
    deleted: bool = Field(False, description="The deleted ones instead.")
    limit: PageSize = 20
    cursor: Cursor | None = None


@endpoint(
    "GET",
    PATH,
    summary="List documents",
    tag="documents",
    purpose="any",
    query=DocumentList,
    answers={200: DocumentPage},
)
def list_documents(call: Call) -> Answer:
    """A page of documents without their content, last changed first or by title."""
    asked: DocumentList = call.query
    filters = Filters(
        deleted=asked.deleted,
        all_tags=asked.tag,
        any_tags=asked.any_tag,
        author_id=asked.author_id,
        language=asked.language,
        updated_from=asked.updated_from,
        updated_to=asked.updated_to,
    )
    limit = asked.limit + 1
    if asked.sort == "title":
        by_title = decode_cursor(asked.cursor, TITLE_KEY)
        rows = list_by_title(call.queries, call.org_id, filters, by_title, limit)
        return Answer(page(rows, asked.limit, "title", "id"))
    by_time = decode_cursor(asked.cursor, TIME_KEY)
    rows = list_by_time(call.queries, call.org_id, filters, by_time, limit)
    return Answer(page(rows, asked.limit, "updated_at", "id"))


@endpoint(
    "POST",
    PATH,
    summary="Create a document",
    tag="documents",
    role="editor",
    body=DocumentIn,
    answers={201: Document},
    idempotency=True,
)
def create_document_endpoint(call: Call) -> Answer:
    """A new document, written by the caller. Without a language it is English."""
    return changed(create_document(call.transaction, call.org_id, draft_of(call)), call, 201)


@endpoint(
    "GET", ONE, summary="Read a document", tag="documents", answers={200: Document, 304: None}
)
def read_document(call: Call) -> Answer:
    """The document with its content. Its ETag is its revision."""
    row = get_document(call.queries, call.org_id, call.path["document_id"])
    headers = {"ETag": etag(row["revision"])}
    if not_modified(call, row["revision"]):
        return Answer(None, 304, headers)
    return Answer(row, headers=headers)


@endpoint("GET", f"{ONE}/html", summary="Read as HTML", tag="documents", answers={200: "text/html"})
def read_document_as_html(call: Call) -> Answer:
    """The content, which is Markdown, rendered and sanitized."""
    row = get_document(call.queries, call.org_id, call.path["document_id"])
    headers = {"ETag": etag(row["revision"])}
    html = render(row["content"]).encode()
    return Answer(html, headers=headers, content_type="text/html; charset=utf-8")


@endpoint(
    "PATCH",
    ONE,
    summary="Change a document",
    tag="documents",
    role="editor",
    body=DocumentChange,
    answers={200: Document},
    headers=IF_MATCH,
)
def change_document_endpoint(call: Call) -> Answer:
    """Change some fields of the revision named by If-Match; the state before is kept."""
    row = change_document(
        call.transaction,
        call.org_id,
        call.path["document_id"],
        draft_of(call),
        expected_revision(call),
    )
    return changed(row, call)


@endpoint(
    "DELETE",
    ONE,
    summary="Delete a document",
    tag="documents",
    role="editor",
    answers={204: None},
    headers=IF_MATCH_OPTIONAL,
)
def delete_document_endpoint(call: Call) -> Answer:
    """Hide the document. It can be restored for 30 days. If-Match is optional here."""
    expected = expected_revision(call, required=False)
    delete_document(call.transaction, call.org_id, call.path["document_id"], expected)
    return Answer(None, 204)


@endpoint(
    "POST",
    f"{ONE}/restore",
    summary="Restore a deleted document",
    tag="documents",
    role="editor",
    answers={200: Document},
)
def restore_document_endpoint(call: Call) -> Answer:
    """Undo a deletion."""
    return changed(restore_document(call.transaction, call.org_id, call.path["document_id"]), call)


def draft_of(call: Call) -> Draft:
    """The body as the product takes it. Raises InvalidInput for too much content."""
    body: DocumentIn | DocumentChange = call.body
    limit = call.services.settings.topology.api.max_content_bytes
    if body.content is not None and len(body.content.encode()) > limit:
        raise InvalidInput(f"The content may have at most {limit} bytes.")
    return Draft(body.title, body.content, body.tags, body.language)


def changed(row: Row, call: Call, status: int = 200) -> Answer:
    """The document after a change, with its ETag and, when new, its place."""
    headers = {"ETag": etag(row["revision"])}
    if status == 201:
        headers["Location"] = f"/api/v1/orgs/{call.slug}/documents/{row['id']}"
    return Answer(row, status, headers)
