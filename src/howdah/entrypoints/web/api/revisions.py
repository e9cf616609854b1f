"""The history of a document."""

from datetime import datetime

from pydantic import TypeAdapter

from howdah.entrypoints.web.api.documents import ONE, Document, changed
from howdah.entrypoints.web.calls import Call
from howdah.entrypoints.web.endpoints import Answer, endpoint
from howdah.entrypoints.web.fields import Body, Id, Out
from howdah.entrypoints.web.pages import Cursor, PageSize, decode_cursor, page
from howdah.entrypoints.web.preconditions import IF_MATCH, expected_revision
from howdah.foundation.database import Row
from howdah.product.documents.differences import Difference, Version, compare
from howdah.product.documents.revisions import get_revisions, list_revisions, restore_revision

REVISIONS = f"{ONE}/revisions"
REVISION_KEY = TypeAdapter(tuple[int])


class RevisionSummary(Out):
    """A state of a document, without its content."""

    revision: int
    title: str
    tags: list[str]
    language: str
    author_id: int
    written_at: datetime


class Revision(RevisionSummary):
    """A state of a document."""

    content: str


class RevisionPage(Out):
    """A page of a history, newest first."""

    items: list[RevisionSummary]
    next_cursor: str | None


class RevisionList(Body):
    """How to list."""

    limit: PageSize = 20
    cursor: Cursor | None = None


class DifferenceBetween(Body):
    """Which two."""

    older: Id
    newer: Id


@endpoint(
    "GET",
    REVISIONS,
    summary="List revisions",
    tag="revisions",
    query=RevisionList,
    answers={200: RevisionPage},
)
def list_document_revisions(call: Call) -> Answer:
    """The document's states, newest first, the current one included."""
    after = decode_cursor(call.query.cursor, REVISION_KEY)
    rows = list_revisions(
        call.queries,
        call.org_id,
        call.path["document_id"],
        after[0] if after else None,
        call.query.limit + 1,
    )
    return Answer(page(rows, call.query.limit, "revision"))


@endpoint(
    "GET",
    f"{REVISIONS}/<int:revision>",
    summary="Read a revision",
    tag="revisions",
    answers={200: Revision},
)
def read_document_revision(call: Call) -> Answer:
    """One state of the document, with its content."""
    wanted = call.path["revision"]
    document_id = call.path["document_id"]
    return Answer(get_revisions(call.queries, call.org_id, document_id, [wanted])[wanted])


@endpoint(
    "GET",
    f"{ONE}/difference",
    summary="Compare two revisions",
    tag="revisions",
    query=DifferenceBetween,
    answers={200: Difference},
)
def compare_document_revisions(call: Call) -> Answer:
    """What changed from the older revision to the newer one."""
    older, newer = call.query.older, call.query.newer
    found = get_revisions(call.queries, call.org_id, call.path["document_id"], [older, newer])
    return Answer(compare(version_of(found[older]), version_of(found[newer])))


def version_of(row: Row) -> Version:
    """A revision as it is compared."""
    return Version(
        row["revision"], row["title"], row["content"], tuple(row["tags"]), row["language"]
    )


@endpoint(
    "POST",
    f"{REVISIONS}/<int:revision>/restore",
    summary="Go back to a revision",
    tag="revisions",
    role="editor",
    answers={200: Document},
    headers=IF_MATCH,
)
def restore_document_revision(call: Call) -> Answer:
    """Write an earlier state as the newest revision; the history between stays."""
    row = restore_revision(
        call.transaction,
        call.org_id,
        call.path["document_id"],
        call.path["revision"],
        expected_revision(call),
    )
    return changed(row, call)
