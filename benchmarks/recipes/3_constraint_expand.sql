-- Why: a document without pages is a mistake.
-- From here on it holds for what is written; what is there is looked at next.

-- migrate:up
ALTER TABLE documents ADD CONSTRAINT documents_pages_positive CHECK (pages > 0) NOT VALID;

-- migrate:down
ALTER TABLE documents DROP CONSTRAINT documents_pages_positive;
