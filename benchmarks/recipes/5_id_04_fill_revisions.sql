-- Why: the rows from before the trigger, in the table that refers to documents.

-- migrate:up transaction:false
-- backfill: document_revisions batch:500 rate:3000
UPDATE document_revisions SET document_id_wide = document_id
WHERE /* batch */ true AND document_id_wide IS NULL;

-- migrate:down
SELECT 1;  -- the column itself goes with the first file
