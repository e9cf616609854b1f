-- Why: documents are listed by when they were made.
-- Two reads of the table, while everybody goes on.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_org_created
    ON documents (org_id, created_at);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_org_created;
