-- Why: the champion tiers of 020.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_documents_org_hot_terms
    ON documents USING GIN(org_id, howdah.hot_terms(search_vector));

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_documents_org_hot_terms;
