-- Why: the rows from before the trigger. Indexes of the new column come after it: without them most
-- of the new rows stay on their page and no index notices.

-- migrate:up transaction:false
-- backfill: documents batch:500 rate:3000
UPDATE documents SET id_wide = id WHERE /* batch */ true AND id_wide IS NULL;

-- migrate:down
SELECT 1;  -- the column itself goes with the first file
