-- Why: UNIQUE (slug) already is an index.

-- migrate:up transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_orgs_slug;

-- migrate:down transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_orgs_slug ON organizations(slug);
