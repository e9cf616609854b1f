-- Full-text search over title and content, as the architecture document writes it.
-- lint: allow adding-field-with-default, require-concurrent-index-creation: as the architecture document
--   writes it; 016 to 019 do it online

-- migrate:up
ALTER TABLE documents ADD COLUMN search_vector tsvector GENERATED ALWAYS AS (
    to_tsvector('english', title || ' ' || content)
) STORED;

-- Full-text search index
CREATE INDEX idx_documents_search ON documents USING GIN(search_vector);

-- migrate:down
ALTER TABLE documents DROP COLUMN search_vector;
