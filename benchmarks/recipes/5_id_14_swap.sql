-- Why: the new columns take the names. The old ones are kept equal from now on, with their primary
-- keys, indexes and foreign key, for the way back; they go when the release after this one is out.
-- The view is locked before its table, as everybody does who reads it. Functions with bigint
-- arguments come beside those of the same names with integer: the old code calls these, the new those.
-- lint: allow several-tables-locked: changes of the catalog, a few milliseconds together
-- lint: allow renaming-column, ban-drop-view, ban-drop-default: the names stay taken throughout
-- lint: allow ban-drop-function: of the triggers that are turned round
-- lint: allow adding-not-nullable-field, ban-drop-constraint: the valid constraint proves it

-- migrate:up
DROP VIEW howdah.tenant_documents;
DROP TRIGGER keep_id_wide ON documents;
ALTER TABLE documents
    ALTER COLUMN id DROP DEFAULT,
    ALTER COLUMN id_wide SET DEFAULT nextval('documents_id_seq'),
    ALTER COLUMN id_wide SET NOT NULL,
    DROP CONSTRAINT documents_id_wide_present;
ALTER TABLE documents RENAME COLUMN id TO id_narrow;
ALTER TABLE documents RENAME COLUMN id_wide TO id;
ALTER SEQUENCE documents_id_seq OWNED BY documents.id;
DROP TRIGGER keep_id_wide ON document_revisions;
ALTER TABLE document_revisions
    ALTER COLUMN document_id_wide SET NOT NULL,
    DROP CONSTRAINT document_revisions_id_wide_present;
ALTER TABLE document_revisions RENAME COLUMN document_id TO document_id_narrow;
ALTER TABLE document_revisions RENAME COLUMN document_id_wide TO document_id;
DROP FUNCTION howdah.keep_document_id_wide();
DROP FUNCTION howdah.keep_revision_id_wide();
CREATE FUNCTION howdah.keep_document_id_narrow() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.id_narrow := NEW.id;
    RETURN NEW;
END
$$;
CREATE FUNCTION howdah.keep_revision_id_narrow() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.document_id_narrow := NEW.document_id;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_id_narrow BEFORE INSERT OR UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_document_id_narrow();
CREATE TRIGGER keep_id_narrow BEFORE INSERT OR UPDATE ON document_revisions
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_revision_id_narrow();
CREATE VIEW howdah.tenant_documents AS
SELECT d.id, d.org_id, d.title, d.content, d.tags, d.language, d.author_id, d.updated_by,
       d.revision, d.search_vector, d.created_at, d.updated_at, d.deleted_at, d.source_path
FROM documents AS d
WHERE d.org_id = nullif(current_setting('app.org_id', true), '')::integer;
GRANT SELECT ON howdah.tenant_documents TO app_write;
DO $$
DECLARE
    definition text;
BEGIN
    FOR definition IN
        SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'howdah'::regnamespace
        AND proname IN ('get_document', 'newest_documents', 'search_documents')
    LOOP
        definition := replace(definition, 'SELECT d.id::integer,', 'SELECT d.id,');
        definition := regexp_replace(
            definition, '\m(id|document_id|before_id|after_id) integer', '\1 bigint', 'g');
        EXECUTE regexp_replace(definition, '\m(ids|page_ids) integer\[\]', '\1 bigint[]', 'g');
    END LOOP;
END
$$;
GRANT EXECUTE ON FUNCTION
    howdah.get_document(integer, bigint),
    howdah.newest_documents(integer, timestamptz, bigint, integer),
    howdah.search_documents(text, integer, text, integer, text[], text[], timestamptz, timestamptz,
                            text, real, bigint, integer, integer)
TO app_write;

-- migrate:down
DROP VIEW howdah.tenant_documents;
DROP TRIGGER keep_id_narrow ON documents;
ALTER TABLE documents RENAME COLUMN id TO id_wide;
ALTER TABLE documents RENAME COLUMN id_narrow TO id;
ALTER TABLE documents
    ALTER COLUMN id SET DEFAULT nextval('documents_id_seq'),
    ALTER COLUMN id_wide DROP DEFAULT,
    ALTER COLUMN id_wide DROP NOT NULL,
    ADD CONSTRAINT documents_id_wide_present CHECK (id_wide IS NOT NULL) NOT VALID;
ALTER SEQUENCE documents_id_seq OWNED BY documents.id;
DROP TRIGGER keep_id_narrow ON document_revisions;
ALTER TABLE document_revisions RENAME COLUMN document_id TO document_id_wide;
ALTER TABLE document_revisions RENAME COLUMN document_id_narrow TO document_id;
ALTER TABLE document_revisions
    ALTER COLUMN document_id_wide DROP NOT NULL,
    ADD CONSTRAINT document_revisions_id_wide_present
        CHECK (document_id_wide IS NOT NULL) NOT VALID;
DROP FUNCTION howdah.keep_document_id_narrow();
DROP FUNCTION howdah.keep_revision_id_narrow();
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
CREATE TRIGGER keep_id_wide BEFORE INSERT OR UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_document_id_wide();
CREATE TRIGGER keep_id_wide BEFORE INSERT OR UPDATE ON document_revisions
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_revision_id_wide();
CREATE VIEW howdah.tenant_documents AS
SELECT d.id, d.org_id, d.title, d.content, d.tags, d.language, d.author_id, d.updated_by,
       d.revision, d.search_vector, d.created_at, d.updated_at, d.deleted_at, d.source_path
FROM documents AS d
WHERE d.org_id = nullif(current_setting('app.org_id', true), '')::integer;
GRANT SELECT ON howdah.tenant_documents TO app_write;
DROP FUNCTION
    howdah.get_document(integer, bigint),
    howdah.newest_documents(integer, timestamptz, bigint, integer),
    howdah.search_documents(text, integer, text, integer, text[], text[], timestamptz, timestamptz,
                            text, real, bigint, integer, integer);
