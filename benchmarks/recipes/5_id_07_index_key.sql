-- Why: what will be the primary key.

-- migrate:up transaction:false
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS documents_id_wide_key ON documents (id_wide);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS documents_id_wide_key;
