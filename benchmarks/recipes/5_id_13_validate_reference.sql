-- Why: the rows from before the foreign key, read under a lock that nobody minds.

-- migrate:up
ALTER TABLE document_revisions VALIDATE CONSTRAINT document_revisions_document_id_wide_fkey;

-- migrate:down
SELECT 1;  -- a constraint does not become doubtful again
