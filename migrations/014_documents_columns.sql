-- Why: what the product needs of a document: its language, a revision number that serves as the
-- ETag, soft delete, and where an import took it from, so that importing again changes nothing.
-- Online: columns with constant defaults are catalog changes in PostgreSQL 11+; the NOT NULLs are
-- added as unvalidated checks here and validated in 015, which does not block writes.

-- migrate:up
-- lint: allow adding-foreign-key-constraint: the column is new and empty, so nothing is read
ALTER TABLE documents
    ADD COLUMN language    text    NOT NULL DEFAULT 'english',
    ADD COLUMN revision    integer NOT NULL DEFAULT 1,
    ADD COLUMN deleted_at  timestamptz,
    ADD COLUMN updated_by  integer REFERENCES users(id),
    ADD COLUMN source_path text CHECK (length(source_path) <= 1000),
    ADD COLUMN source_hash bytea CHECK (octet_length(source_hash) = 32);
ALTER TABLE documents ALTER COLUMN tags SET DEFAULT '{}';
ALTER TABLE documents
    ADD CONSTRAINT documents_org_id_present CHECK (org_id IS NOT NULL) NOT VALID,
    ADD CONSTRAINT documents_author_id_present CHECK (author_id IS NOT NULL) NOT VALID,
    ADD CONSTRAINT documents_tags_present CHECK (tags IS NOT NULL) NOT VALID,
    ADD CONSTRAINT documents_created_at_present CHECK (created_at IS NOT NULL) NOT VALID,
    ADD CONSTRAINT documents_updated_at_present CHECK (updated_at IS NOT NULL) NOT VALID,
    ADD CONSTRAINT documents_language_known CHECK (language IN (
        'simple', 'arabic', 'danish', 'dutch', 'english', 'finnish', 'french', 'german', 'greek',
        'hungarian', 'italian', 'norwegian', 'portuguese', 'romanian', 'russian', 'spanish',
        'swedish', 'turkish')) NOT VALID;

-- migrate:down
ALTER TABLE documents
    DROP CONSTRAINT documents_language_known,
    DROP CONSTRAINT documents_updated_at_present,
    DROP CONSTRAINT documents_created_at_present,
    DROP CONSTRAINT documents_tags_present,
    DROP CONSTRAINT documents_author_id_present,
    DROP CONSTRAINT documents_org_id_present;
ALTER TABLE documents ALTER COLUMN tags DROP DEFAULT;
ALTER TABLE documents
    DROP COLUMN source_hash,
    DROP COLUMN source_path,
    DROP COLUMN updated_by,
    DROP COLUMN deleted_at,
    DROP COLUMN revision,
    DROP COLUMN language;
