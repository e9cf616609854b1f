-- Why: one GIN index answers the tenant and the words together (btree_gin), and @@ alone as well.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_org_search
    ON documents USING GIN(org_id, search_vector);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_org_search;
