"""Changing documents: create, change, delete softly, restore.

History is kept by a trigger (migration 028): every change of title, content, tags or language
keeps the state before it and counts `revision` up.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from howdah.foundation.database import Row, Statement, Transaction
from howdah.foundation.errors import NotFound, PreconditionFailed
from howdah.product.documents.reading import get_document

CREATE = Statement(
    "document_create",
    """
    INSERT INTO documents (org_id, author_id, title, content, tags, language)
    VALUES (%s::integer, howdah.current_user_id(), %s, %s, %s::text[], %s)
    RETURNING id, title, content, tags, language, author_id, updated_by, revision,
              created_at, updated_at
    """,
)
CHANGE = Statement(
    "document_change",
    """
    UPDATE documents
    SET title = coalesce(%s, title),
        content = coalesce(%s, content),
        tags = coalesce(%s::text[], tags),
        language = coalesce(%s, language),
        updated_by = howdah.current_user_id()
    WHERE org_id = %s::integer AND id = %s::integer AND deleted_at IS NULL
      AND (%s::integer IS NULL OR revision = %s::integer)
    RETURNING id, title, content, tags, language, author_id, updated_by, revision,
              created_at, updated_at
    """,
)
DELETE = Statement(
    "document_delete",
    """
    UPDATE documents
    SET deleted_at = now()
    WHERE org_id = %s::integer AND id = %s::integer AND deleted_at IS NULL
      AND (%s::integer IS NULL OR revision = %s::integer)
    RETURNING id
    """,
)
RESTORE = Statement(
    "document_restore",
    """
    UPDATE documents
    SET deleted_at = NULL
    WHERE org_id = %s::integer AND id = %s::integer AND deleted_at IS NOT NULL
    RETURNING id, title, content, tags, language, author_id, updated_by, revision,
              created_at, updated_at
    """,
)
REVISION_NOW = Statement(
    "document_revision_now",
    """
    SELECT revision
    FROM documents
    WHERE org_id = %s::integer AND id = %s::integer AND deleted_at IS NULL
    """,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A document to be; None leaves a field of a changed document as it is."""

    title: str | None = None
    content: str | None = None
    tags: Sequence[str] | None = None
    language: str | None = None


def create_document(transaction: Transaction, org_id: int, draft: Draft) -> Row:
    """A new document by the caller. Round trips: 1, and COMMIT."""
    row = transaction.one(
        CREATE,
        (org_id, draft.title, draft.content, _tags(draft) or [], draft.language or "english"),
    )
    assert row is not None
    return row


def change_document(
    transaction: Transaction, org_id: int, document_id: int, draft: Draft, expected: int | None
) -> Row:
    """Change it if it still has the expected revision (None: whatever it has).

    Raises NotFound, PreconditionFailed.
    """
    row = transaction.one(
        CHANGE,
        (
            draft.title,
            draft.content,
            _tags(draft),
            draft.language,
            org_id,
            document_id,
            expected,
            expected,
        ),
    )
    return row or _refuse(transaction, org_id, document_id, expected)


def delete_document(
    transaction: Transaction, org_id: int, document_id: int, expected: int | None
) -> None:
    """Hide it; it can be restored until the nightly cleaning of old deletions.

    Raises NotFound, PreconditionFailed.
    """
    if transaction.one(DELETE, (org_id, document_id, expected, expected)) is None:
        _refuse(transaction, org_id, document_id, expected)


def restore_document(transaction: Transaction, org_id: int, document_id: int) -> Row:
    """Undo a deletion; a document that is not deleted stays as it is. Raises NotFound."""
    row = transaction.one(RESTORE, (org_id, document_id))
    return row or get_document(transaction, org_id, document_id)


def _tags(draft: Draft) -> list[str] | None:
    """Each tag once, in the order given."""
    return None if draft.tags is None else list(dict.fromkeys(draft.tags))


def _refuse(transaction: Transaction, org_id: int, document_id: int, expected: int | None) -> Row:
    current = transaction.value(REVISION_NOW, (org_id, document_id))
    if current is None:
        raise NotFound(f"There is no document {document_id} in this organization.")
    raise PreconditionFailed(
        f"The document is at revision {current}, not {expected}.",
        hint="Read it again, merge, and send the new ETag.",
    )
