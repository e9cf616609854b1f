-- Why: documents.id shall be bigint; integer ends at 2,147,483,647. To change the type in place would
-- copy the table and build all its indexes under a lock that stops everybody. So a second column
-- takes over, there and in document_revisions, which refers to it. From here on they are kept equal.
-- lint: allow several-tables-locked: two changes of the catalog, a millisecond each

-- migrate:up
CREATE FUNCTION howdah.keep_document_id_wide() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.id_wide := NEW.id;
    RETURN NEW;
END
$$;
CREATE FUNCTION howdah.keep_revision_id_wide() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.document_id_wide := NEW.document_id;
    RETURN NEW;
END
$$;
ALTER TABLE documents ADD COLUMN id_wide bigint;
CREATE TRIGGER keep_id_wide BEFORE INSERT OR UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_document_id_wide();
ALTER TABLE document_revisions ADD COLUMN document_id_wide bigint;
CREATE TRIGGER keep_id_wide BEFORE INSERT OR UPDATE ON document_revisions
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_revision_id_wide();

-- migrate:down
DROP TRIGGER keep_id_wide ON documents;
ALTER TABLE documents DROP COLUMN id_wide;
DROP TRIGGER keep_id_wide ON document_revisions;
ALTER TABLE document_revisions DROP COLUMN document_id_wide;
DROP FUNCTION howdah.keep_document_id_wide();
DROP FUNCTION howdah.keep_revision_id_wide();
