-- Why: the filter by author, and the foreign key to users, which without an index reads the whole
-- table when a user is deleted.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_author
    ON documents(author_id, org_id, updated_at DESC, id DESC);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_author;
