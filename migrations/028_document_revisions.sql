-- Why: every earlier state of a document stays readable. The trigger keeps it, so no way of
-- changing a document can forget to; the application may read history and not rewrite it.
-- documents.revision numbers the current state; document_revisions holds the ones before it.
-- lint: allow tenant-table-without-policy: 033 closes it, before 034 grants anything

-- migrate:up
CREATE TABLE document_revisions (
    document_id integer NOT NULL REFERENCES documents(id) ON DELETE CASCADE,
    revision    integer NOT NULL,
    org_id      integer NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
    title       varchar(500) NOT NULL,
    content     text COMPRESSION lz4 NOT NULL,
    tags        text[] NOT NULL,
    language    text NOT NULL,
    author_id   integer NOT NULL REFERENCES users(id),
    written_at  timestamptz NOT NULL,
    replaced_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (document_id, revision)
);
CREATE INDEX idx_document_revisions_org ON document_revisions(org_id, replaced_at);
CREATE INDEX idx_document_revisions_author ON document_revisions(author_id);

CREATE FUNCTION howdah.keep_document_revision() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF (NEW.title, NEW.content, NEW.tags, NEW.language)
       IS DISTINCT FROM (OLD.title, OLD.content, OLD.tags, OLD.language) THEN
        INSERT INTO public.document_revisions
            (document_id, revision, org_id, title, content, tags, language, author_id, written_at)
        VALUES
            (OLD.id, OLD.revision, OLD.org_id, OLD.title, OLD.content, OLD.tags, OLD.language,
             coalesce(OLD.updated_by, OLD.author_id), OLD.updated_at);
        NEW.revision := OLD.revision + 1;
        NEW.updated_at := clock_timestamp();
    ELSE
        NEW.updated_by := OLD.updated_by;  -- who changed nothing has not written this revision
        IF NEW.deleted_at IS DISTINCT FROM OLD.deleted_at THEN
            NEW.updated_at := clock_timestamp();
        END IF;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_document_revision BEFORE UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_document_revision();

-- migrate:down
DROP TRIGGER keep_document_revision ON documents;
DROP FUNCTION howdah.keep_document_revision();
DROP TABLE document_revisions;
