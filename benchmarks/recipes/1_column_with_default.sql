-- Why: lists show how many pages a document has; most have one.
-- The default is noted in the catalog, and no row is touched: a strong lock, for an instant.

-- migrate:up
ALTER TABLE documents ADD COLUMN pages integer NOT NULL DEFAULT 1;

-- migrate:down
ALTER TABLE documents DROP COLUMN pages;
