-- Why: SET NOT NULL reads the whole table under a lock that stops everybody, unless a constraint
-- that is valid already says so.

-- migrate:up
ALTER TABLE documents ADD CONSTRAINT documents_pages_wide_present
    CHECK (pages_wide IS NOT NULL) NOT VALID;

-- migrate:down
ALTER TABLE documents DROP CONSTRAINT documents_pages_wide_present;
