-- Why: nobody knows the old columns and functions any more. Their keys and indexes go with them, the
-- new ones take the names, and numbers above 2,147,483,647 may come.
-- irreversible: the old columns are gone; every value is in the new ones
-- phase: post
-- lint: allow several-tables-locked: changes of the catalog, a few milliseconds together
-- lint: allow renaming-object: no query names an index or a constraint

-- migrate:up
DROP TRIGGER keep_id_narrow ON documents;
DROP TRIGGER keep_id_narrow ON document_revisions;
ALTER TABLE document_revisions DROP CONSTRAINT document_revisions_document_id_fkey;
ALTER TABLE document_revisions RENAME CONSTRAINT document_revisions_document_id_wide_fkey
    TO document_revisions_document_id_fkey;
ALTER TABLE document_revisions DROP COLUMN document_id_narrow;
ALTER TABLE document_revisions ADD CONSTRAINT document_revisions_pkey
    PRIMARY KEY USING INDEX document_revisions_wide_key;
ALTER TABLE documents DROP COLUMN id_narrow;
ALTER TABLE documents ADD CONSTRAINT documents_pkey PRIMARY KEY USING INDEX documents_id_wide_key;
ALTER INDEX idx_documents_org_updated_wide RENAME TO idx_documents_org_updated;
ALTER INDEX idx_documents_org_title_wide RENAME TO idx_documents_org_title;
ALTER INDEX idx_documents_author_wide RENAME TO idx_documents_author;
ALTER SEQUENCE documents_id_seq AS bigint;
DROP FUNCTION
    howdah.keep_document_id_narrow(),
    howdah.keep_revision_id_narrow(),
    howdah.rank_tier(integer, tsquery, integer, integer),
    howdah.get_document(integer, integer),
    howdah.newest_documents(integer, timestamptz, integer, integer),
    howdah.search_documents(text, integer, text, integer, text[], text[], timestamptz, timestamptz,
                            text, real, integer, integer, integer);

-- migrate:down
