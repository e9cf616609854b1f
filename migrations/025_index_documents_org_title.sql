-- Why: the keyset list by title of one organization.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_org_title
    ON documents(org_id, title, id);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_org_title;
