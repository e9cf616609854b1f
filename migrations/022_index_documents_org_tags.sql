-- Why: tags are filtered inside one organization; the tenant belongs in the index.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_org_tags
    ON documents USING GIN(org_id, tags);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_org_tags;
