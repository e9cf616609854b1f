-- Why: a revision belongs to a document by the new columns as well. Not sooner: until the rows are
-- filled there is nothing to refer to.

-- migrate:up
ALTER TABLE document_revisions ADD CONSTRAINT document_revisions_document_id_wide_fkey
    FOREIGN KEY (document_id_wide) REFERENCES documents (id_wide) ON DELETE CASCADE NOT VALID;

-- migrate:down
ALTER TABLE document_revisions DROP CONSTRAINT document_revisions_document_id_wide_fkey;
