-- Why: the new column takes the name. The old one is kept equal from now on, for the way back and
-- for who still reads it; it goes when the release after this one is out.
-- lint: allow renaming-column, ban-drop-constraint, ban-drop-function: the name stays taken throughout
-- lint: allow adding-not-nullable-field: the valid constraint proves it, and no row is read

-- migrate:up
DROP TRIGGER keep_pages_wide ON documents;
DROP FUNCTION howdah.keep_pages_wide();
ALTER TABLE documents
    ALTER COLUMN pages_wide SET DEFAULT 1,
    ALTER COLUMN pages_wide SET NOT NULL,
    DROP CONSTRAINT documents_pages_wide_present,
    DROP CONSTRAINT documents_pages_positive,
    ADD CONSTRAINT documents_pages_positive CHECK (pages_wide > 0) NOT VALID;
ALTER TABLE documents RENAME COLUMN pages TO pages_narrow;
ALTER TABLE documents RENAME COLUMN pages_wide TO pages;
CREATE FUNCTION howdah.keep_pages_narrow() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.pages_narrow := NEW.pages;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_pages_narrow BEFORE INSERT OR UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_pages_narrow();

-- migrate:down
DROP TRIGGER keep_pages_narrow ON documents;
DROP FUNCTION howdah.keep_pages_narrow();
ALTER TABLE documents RENAME COLUMN pages TO pages_wide;
ALTER TABLE documents RENAME COLUMN pages_narrow TO pages;
ALTER TABLE documents
    ALTER COLUMN pages_wide DROP DEFAULT,
    ALTER COLUMN pages_wide DROP NOT NULL,
    DROP CONSTRAINT documents_pages_positive,
    ADD CONSTRAINT documents_pages_positive CHECK (pages > 0) NOT VALID,
    ADD CONSTRAINT documents_pages_wide_present CHECK (pages_wide IS NOT NULL) NOT VALID;
CREATE FUNCTION howdah.keep_pages_wide() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.pages_wide := NEW.pages;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_pages_wide BEFORE INSERT OR UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_pages_wide();
