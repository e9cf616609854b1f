-- Why: SET NOT NULL reads the whole table under a lock that stops everybody, unless a constraint
-- that is valid already says so.
-- lint: allow several-tables-locked: two changes of the catalog, a millisecond each

-- migrate:up
ALTER TABLE documents ADD CONSTRAINT documents_id_wide_present
    CHECK (id_wide IS NOT NULL) NOT VALID;
ALTER TABLE document_revisions ADD CONSTRAINT document_revisions_id_wide_present
    CHECK (document_id_wide IS NOT NULL) NOT VALID;

-- migrate:down
ALTER TABLE documents DROP CONSTRAINT documents_id_wide_present;
ALTER TABLE document_revisions DROP CONSTRAINT document_revisions_id_wide_present;
