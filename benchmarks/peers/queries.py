"""The SQL of all peers. `bench.documents` is the product's table without row-level security."""

COLUMNS = (
    "id",
    "title",
    "content",
    "tags",
    "language",
    "author_id",
    "updated_by",
    "revision",
    "created_at",
    "updated_at",
)
LISTED = (*(name for name in COLUMNS if name not in ("content", "updated_by")), "deleted_at")

GET = f"""
SELECT {", ".join(COLUMNS)}
FROM bench.documents
WHERE org_id = $1 AND id = $2 AND deleted_at IS NULL
"""
LIST = f"""
SELECT {", ".join(LISTED)}
FROM bench.documents
WHERE org_id = $1 AND deleted_at IS NULL
ORDER BY updated_at DESC, id DESC
LIMIT 20
"""
SEARCH = """
SELECT page.id, page.title, page.rank, ts_headline('english', page.content, page.query) AS snippet
FROM (SELECT d.id, d.title, d.content, query, ts_rank(d.search_vector, query) AS rank
      FROM bench.documents d, websearch_to_tsquery('english', $2) query
      WHERE d.org_id = $1 AND d.deleted_at IS NULL AND d.search_vector @@ query
      ORDER BY rank DESC
      LIMIT 10) AS page
ORDER BY page.rank DESC
"""
INSERT = """
INSERT INTO bench.documents (title, content, author_id, org_id, tags)
VALUES ($2, $3, $4, $1, $5)
RETURNING id, revision, created_at
"""
