-- Why: the rows from before the constraint, read under a lock that nobody minds.

-- migrate:up
ALTER TABLE documents VALIDATE CONSTRAINT documents_pages_positive;

-- migrate:down
SELECT 1;  -- a constraint does not become doubtful again
