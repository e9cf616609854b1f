-- Why: the rows from before the trigger.

-- migrate:up transaction:false
-- backfill: documents batch:500 rate:3000
UPDATE documents SET pages_wide = pages WHERE /* batch */ true AND pages_wide IS NULL;

-- migrate:down
SELECT 1;  -- the column itself goes with the file before
