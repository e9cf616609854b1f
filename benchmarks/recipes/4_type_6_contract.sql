-- Why: nobody reads the old column any more.
-- irreversible: the old column is gone; every value is in the new one
-- phase: post

-- migrate:up
DROP TRIGGER keep_pages_narrow ON documents;
DROP FUNCTION howdah.keep_pages_narrow();
ALTER TABLE documents DROP COLUMN pages_narrow;

-- migrate:down
