-- Why: pages shall be bigint. To change the type in place would copy the table under a lock that
-- stops everybody; so a second column takes over. From here on it is kept equal.

-- migrate:up
ALTER TABLE documents ADD COLUMN pages_wide bigint;
CREATE FUNCTION howdah.keep_pages_wide() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    NEW.pages_wide := NEW.pages;
    RETURN NEW;
END
$$;
CREATE TRIGGER keep_pages_wide BEFORE INSERT OR UPDATE ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_pages_wide();

-- migrate:down
DROP TRIGGER keep_pages_wide ON documents;
DROP FUNCTION howdah.keep_pages_wide();
ALTER TABLE documents DROP COLUMN pages_wide;
