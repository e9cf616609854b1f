-- Why: the architecture's queries say search_vector, so the new column takes that name. The old
-- column and its index go; (org_id, search_vector) in 019 also serves queries without org_id.
-- phase: post (nothing may fill search_vector by itself any more)

-- migrate:up
-- lint: allow require-concurrent-index-deletion: the column is dropped below, under the same lock
DROP INDEX idx_documents_search;
DROP TRIGGER keep_weighted_vector ON documents;
DROP FUNCTION howdah.keep_weighted_vector();
ALTER TABLE documents DROP COLUMN search_vector;
ALTER TABLE documents RENAME COLUMN weighted_vector TO search_vector;
ALTER TABLE documents
    ADD CONSTRAINT documents_search_vector_present CHECK (search_vector IS NOT NULL) NOT VALID;

CREATE FUNCTION howdah.keep_search_vector() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.search_vector := howdah.document_vector(NEW.language, NEW.title, NEW.content);
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_search_vector
    BEFORE INSERT OR UPDATE OF title, content, language ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_search_vector();

-- migrate:down
DROP TRIGGER keep_search_vector ON documents;
DROP FUNCTION howdah.keep_search_vector();
ALTER TABLE documents DROP CONSTRAINT documents_search_vector_present;
ALTER TABLE documents RENAME COLUMN search_vector TO weighted_vector;
ALTER TABLE documents ADD COLUMN search_vector tsvector GENERATED ALWAYS AS (
    to_tsvector('english', title || ' ' || content)
) STORED;
-- lint: allow require-concurrent-index-creation: this way back rewrites the table in any case
CREATE INDEX idx_documents_search ON documents USING GIN(search_vector);
CREATE FUNCTION howdah.keep_weighted_vector() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.weighted_vector := howdah.document_vector(NEW.language, NEW.title, NEW.content);
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_weighted_vector
    BEFORE INSERT OR UPDATE OF title, content, language ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_weighted_vector();
