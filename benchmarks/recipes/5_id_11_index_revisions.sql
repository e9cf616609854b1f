-- Why: what will be the primary key of the revisions, and is asked when a document is deleted.

-- migrate:up transaction:false
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS document_revisions_wide_key
    ON document_revisions (document_id_wide, revision);

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS document_revisions_wide_key;
