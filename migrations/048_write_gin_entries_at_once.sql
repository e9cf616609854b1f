-- Why: the new entries of a GIN index wait in a list that every search reads from end to end, until
-- somebody whose list is full sorts it in. Beside imports of the PostgreSQL manual and 50 requests/s
-- on 50,000 documents, the 99th percentile of the requests was between 21 ms and 30 s, above 4.7 s in
-- three of six rounds, and some failed; without the list it was between 14 and 49 ms in five rounds
-- and 1.2 s in one, and none failed. An import alone loses a sixth to a third of its speed (median of
-- six rounds: 278 to 235 pages a second), and 100 are promised.

-- migrate:up
ALTER INDEX idx_documents_org_search SET (fastupdate = off);
ALTER INDEX idx_documents_org_hot_terms SET (fastupdate = off);
ALTER INDEX idx_documents_org_tags SET (fastupdate = off);

-- migrate:down
ALTER INDEX idx_documents_org_search RESET (fastupdate);
ALTER INDEX idx_documents_org_hot_terms RESET (fastupdate);
ALTER INDEX idx_documents_org_tags RESET (fastupdate);
