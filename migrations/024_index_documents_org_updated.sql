-- Why: the keyset list by change time, newest first, of one organization.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_org_updated
    ON documents(org_id, updated_at DESC, id DESC);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_org_updated;
