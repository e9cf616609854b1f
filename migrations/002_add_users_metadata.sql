-- Flexible user preferences, with both GIN indexes of the architecture document.
-- lint: allow require-concurrent-index-creation: as the architecture document
--   writes it; users is empty then

-- migrate:up
ALTER TABLE users ADD COLUMN metadata JSONB;  -- Flexible storage for user preferences

CREATE INDEX idx_users_metadata ON users USING GIN(metadata);
CREATE INDEX idx_users_metadata_gin ON users USING GIN(metadata jsonb_path_ops);

-- migrate:down
ALTER TABLE users DROP COLUMN metadata;
