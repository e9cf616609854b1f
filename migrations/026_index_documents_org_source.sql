-- Why: an import meets each of its paths once per organization: importing again updates.

-- migrate:up transaction:false
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS documents_org_source_key
    ON documents(org_id, source_path) WHERE source_path IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS documents_org_source_key;
