-- Why: every index that holds the id is needed with the new one before the swap.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_org_updated_wide
    ON documents (org_id, updated_at DESC, id_wide DESC);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_org_updated_wide;
