-- Why: the proof for the next file.

-- migrate:up
ALTER TABLE documents VALIDATE CONSTRAINT documents_pages_wide_present;

-- migrate:down
SELECT 1;  -- a constraint does not become doubtful again
