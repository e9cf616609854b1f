-- Why: two GIN indexes on metadata. The default operator class indexes keys and values apart, so a
-- containment query finds every key and every value (measured: no faster than reading the table
-- at 0.1 % of the rows); jsonb_path_ops indexes the path and stays.

-- migrate:up transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_users_metadata;

-- migrate:down transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_metadata ON users USING GIN(metadata);
