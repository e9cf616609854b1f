-- Why: (org_id, tags) of 022 serves tags alone as well.

-- migrate:up transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_tags;

-- migrate:down transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_tags ON documents USING GIN(tags);
