-- Why: what waits in the lists since before 048 is sorted in once, so that no search reads them again.
-- A transaction of its own: nobody is kept out while it runs.

-- migrate:up
SELECT gin_clean_pending_list(name)
FROM unnest('{idx_documents_org_search, idx_documents_org_hot_terms, idx_documents_org_tags}'
            ::regclass[]) AS name;

-- migrate:down
SELECT 1;  -- what is sorted need not be unsorted
