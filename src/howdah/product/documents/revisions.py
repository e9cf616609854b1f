"""The history of a document: earlier states, what changed between two, going back to one."""

from howdah.foundation.database import Queries, Row, Statement, Transaction
from howdah.foundation.errors import NotFound
from howdah.product.documents.writing import Draft, change_document

LIST = Statement(
    "revision_list",
    """
    SELECT revision, title, tags, language, author_id, written_at
    FROM (
        SELECT d.revision, d.title, d.tags, d.language,
               coalesce(d.updated_by, d.author_id) AS author_id, d.updated_at AS written_at
        FROM documents d
        WHERE d.org_id = %s::integer AND d.id = %s::integer AND d.deleted_at IS NULL
        UNION ALL
        SELECT r.revision, r.title, r.tags, r.language, r.author_id, r.written_at
        FROM document_revisions r
        JOIN documents d ON d.id = r.document_id AND d.deleted_at IS NULL
        WHERE r.org_id = %s::integer AND r.document_id = %s::integer
    ) AS history
    WHERE %s::integer IS NULL OR revision < %s::integer
    ORDER BY revision DESC
    LIMIT %s
    """,
)
GET = Statement(
    "revision_get",
    """
    SELECT revision, title, content, tags, language, author_id, written_at
    FROM (
        SELECT d.revision, d.title, d.content, d.tags, d.language,
               coalesce(d.updated_by, d.author_id) AS author_id, d.updated_at AS written_at
        FROM documents d
        WHERE d.org_id = %s::integer AND d.id = %s::integer AND d.deleted_at IS NULL
        UNION ALL
        SELECT r.revision, r.title, r.content, r.tags, r.language, r.author_id, r.written_at
        FROM document_revisions r
        JOIN documents d ON d.id = r.document_id AND d.deleted_at IS NULL
        WHERE r.org_id = %s::integer AND r.document_id = %s::integer
    ) AS history
    WHERE revision = ANY (%s::integer[])
    ORDER BY revision
    """,
)


def list_revisions(
    queries: Queries, org_id: int, document_id: int, before: int | None, limit: int
) -> list[Row]:
    """Revisions without content, newest first, the current one included.

    Raises NotFound for a document that is not there.
    """
    rows = queries.all(LIST, (org_id, document_id, org_id, document_id, before, before, limit))
    if not rows and before is None:
        raise NotFound(f"There is no document {document_id} in this organization.")
    return rows


def get_revisions(
    queries: Queries, org_id: int, document_id: int, wanted: list[int]
) -> dict[int, Row]:
    """The wanted revisions with their content. Raises NotFound naming one that is missing."""
    rows = queries.all(GET, (org_id, document_id, org_id, document_id, wanted))
    found = {row["revision"]: row for row in rows}
    for revision in wanted:
        if revision not in found:
            raise NotFound(f"Document {document_id} has no revision {revision} here.")
    return found


def restore_revision(
    transaction: Transaction, org_id: int, document_id: int, revision: int, expected: int | None
) -> Row:
    """Write an earlier state as the newest revision; nothing between is lost.

    Raises NotFound, PreconditionFailed.
    """
    earlier = get_revisions(transaction, org_id, document_id, [revision])[revision]
    draft = Draft(earlier["title"], earlier["content"], earlier["tags"], earlier["language"])
    return change_document(transaction, org_id, document_id, draft, expected)
