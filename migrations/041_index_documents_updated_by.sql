-- Why: the foreign key to users: without an index, deleting a user reads every document.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_updated_by
    ON documents(updated_by) WHERE updated_by IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_updated_by;
