"""Reading documents: one, or a page of them by change time or title."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from howdah.foundation.database import Queries, Row, Statement
from howdah.foundation.errors import NotFound

GET = Statement(
    "document_get",
    """
    SELECT id, title, content, tags, language, author_id, updated_by, revision,
           created_at, updated_at
    FROM howdah.get_document(%s::integer, %s::integer)
    """,
)
SUMMARY = """
    SELECT id, title, tags, language, author_id, revision, created_at, updated_at, deleted_at
"""
# Tags are searched through a view: below a policy && and @> may not use an index. Without them the
# table is read, which plans faster.
FROM_TABLE = "    FROM documents"
FROM_VIEW = "    FROM howdah.tenant_documents"
FILTERED = """
    WHERE org_id = %s::integer
      AND (deleted_at IS NOT NULL) = %s
      AND (%s::integer IS NULL OR author_id = %s::integer)
      AND (%s::text IS NULL OR language = %s)
      AND (%s::timestamptz IS NULL OR updated_at >= %s::timestamptz)
      AND (%s::timestamptz IS NULL OR updated_at < %s::timestamptz)
"""
TAGGED = """
      AND (%s::text[] IS NULL OR tags @> %s::text[])
      AND (%s::text[] IS NULL OR tags && %s::text[])
"""
BY_TIME = """
      AND (%s::integer IS NULL OR (updated_at, id) < (%s::timestamptz, %s::integer))
    ORDER BY updated_at DESC, id DESC
    LIMIT %s
"""
BY_TITLE = """
      AND (%s::integer IS NULL OR (title, id) > (%s::text, %s::integer))
    ORDER BY title, id
    LIMIT %s
"""
NEWEST = Statement(
    "document_newest",
    """
    SELECT id, title, tags, language, author_id, revision, created_at, updated_at, deleted_at
    FROM howdah.newest_documents(
        %s::integer, coalesce(%s::timestamptz, 'infinity'), coalesce(%s::integer, 0), %s::integer)
    """,
)
LIST_BY_TIME = Statement("document_list_by_time", SUMMARY + FROM_TABLE + FILTERED + BY_TIME)
LIST_BY_TITLE = Statement("document_list_by_title", SUMMARY + FROM_TABLE + FILTERED + BY_TITLE)
LIST_TAGGED_BY_TIME = Statement(
    "document_list_tagged_by_time", SUMMARY + FROM_VIEW + FILTERED + TAGGED + BY_TIME
)
LIST_TAGGED_BY_TITLE = Statement(
    "document_list_tagged_by_title", SUMMARY + FROM_VIEW + FILTERED + TAGGED + BY_TITLE
)


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; None asks for nothing. Times: from inclusive, to exclusive."""

    deleted: bool = False
    all_tags: Sequence[str] | None = None
    any_tags: Sequence[str] | None = None
    author_id: int | None = None
    language: str | None = None
    updated_from: datetime | None = None
    updated_to: datetime | None = None

    @property
    def tagged(self) -> bool:
        """Whether tags are asked for."""
        return bool(self.all_tags or self.any_tags)

    def parameters(self) -> tuple[object, ...]:
        """As the list statements bind them; the tagged ones want the tags as well."""
        optional: list[object] = [
            self.author_id,
            self.language,
            self.updated_from,
            self.updated_to,
        ]
        if self.tagged:
            optional.append(list(self.all_tags) if self.all_tags else None)
            optional.append(list(self.any_tags) if self.any_tags else None)
        return (self.deleted, *(value for value in optional for _ in range(2)))


NO_FILTERS = Filters()


def get_document(queries: Queries, org_id: int, document_id: int) -> Row:
    """One document with its content. Raises NotFound, also when it is deleted."""
    row = queries.one(GET, (org_id, document_id))
    if row is None:
        raise NotFound(f"There is no document {document_id} in this organization.")
    return row


def list_by_time(
    queries: Queries, org_id: int, filters: Filters, after: tuple[datetime, int] | None, limit: int
) -> list[Row]:
    """Documents without content, last changed first. `after`: (updated_at, id) of a row."""
    updated_at, row_id = after or (None, None)
    if filters == NO_FILTERS:
        return queries.all(NEWEST, (org_id, updated_at, row_id, limit))
    return queries.all(
        LIST_TAGGED_BY_TIME if filters.tagged else LIST_BY_TIME,
        (org_id, *filters.parameters(), row_id, updated_at, row_id, limit),
    )


def list_by_title(
    queries: Queries, org_id: int, filters: Filters, after: tuple[str, int] | None, limit: int
) -> list[Row]:
    """Documents without content, by title. `after`: (title, id) of a row."""
    title, row_id = after or (None, None)
    return queries.all(
        LIST_TAGGED_BY_TITLE if filters.tagged else LIST_BY_TITLE,
        (org_id, *filters.parameters(), row_id, title, row_id, limit),
    )
