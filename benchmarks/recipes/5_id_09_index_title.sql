-- Why: every index that holds the id is needed with the new one before the swap.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_org_title_wide
    ON documents (org_id, title, id_wide);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_org_title_wide;
