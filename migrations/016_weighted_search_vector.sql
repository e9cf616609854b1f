-- Why: the generated vector knows English only and weighs a title like any word of the content.
-- The language is text, not regconfig, because pg_upgrade refuses tables with regconfig columns.
-- Online: replacing a generated column rewrites the table under an exclusive lock; a plain column
-- kept by a trigger is added at once, filled in batches (017) and takes the name over (018).
-- It stays beside the row (STORAGE MAIN, lz4): ranking reads it for every match, and fetching it
-- from TOAST cost 2.0 to 2.8 times the CPU.

-- migrate:up
CREATE FUNCTION howdah.search_configuration(language text) RETURNS regconfig
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE language
    WHEN 'english'    THEN 'pg_catalog.english'::regconfig
    WHEN 'simple'     THEN 'pg_catalog.simple'::regconfig
    WHEN 'arabic'     THEN 'pg_catalog.arabic'::regconfig
    WHEN 'danish'     THEN 'pg_catalog.danish'::regconfig
    WHEN 'dutch'      THEN 'pg_catalog.dutch'::regconfig
    WHEN 'finnish'    THEN 'pg_catalog.finnish'::regconfig
    WHEN 'french'     THEN 'pg_catalog.french'::regconfig
    WHEN 'german'     THEN 'pg_catalog.german'::regconfig
    WHEN 'greek'      THEN 'pg_catalog.greek'::regconfig
    WHEN 'hungarian'  THEN 'pg_catalog.hungarian'::regconfig
    WHEN 'italian'    THEN 'pg_catalog.italian'::regconfig
    WHEN 'norwegian'  THEN 'pg_catalog.norwegian'::regconfig
    WHEN 'portuguese' THEN 'pg_catalog.portuguese'::regconfig
    WHEN 'romanian'   THEN 'pg_catalog.romanian'::regconfig
    WHEN 'russian'    THEN 'pg_catalog.russian'::regconfig
    WHEN 'spanish'    THEN 'pg_catalog.spanish'::regconfig
    WHEN 'swedish'    THEN 'pg_catalog.swedish'::regconfig
    WHEN 'turkish'    THEN 'pg_catalog.turkish'::regconfig
    ELSE 'pg_catalog.simple'::regconfig
END;

CREATE FUNCTION howdah.document_vector(language text, title text, content text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE SET search_path = pg_catalog AS $$
DECLARE
    configuration regconfig := howdah.search_configuration(language);
    indexed_characters integer := length(content);
BEGIN
    -- A tsvector holds at most 1 MiB. Text that exceeds it (a megabyte of distinct words) is
    -- searchable by its beginning instead of being refused.
    LOOP
        BEGIN
            RETURN setweight(to_tsvector(configuration, title), 'A')
                || setweight(to_tsvector(configuration, left(content, indexed_characters)), 'B');
        EXCEPTION WHEN program_limit_exceeded THEN
            indexed_characters := indexed_characters / 2;
        END;
    END LOOP;
END
$$;

-- lint: allow syntax-error: squawk does not know COMPRESSION in ADD COLUMN, PostgreSQL does
ALTER TABLE documents ADD COLUMN weighted_vector tsvector COMPRESSION lz4;
ALTER TABLE documents ALTER COLUMN weighted_vector SET STORAGE MAIN;
ALTER TABLE documents ALTER COLUMN content SET COMPRESSION lz4;

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

-- migrate:down
DROP TRIGGER keep_weighted_vector ON documents;
DROP FUNCTION howdah.keep_weighted_vector();
ALTER TABLE documents ALTER COLUMN content SET COMPRESSION default;
ALTER TABLE documents DROP COLUMN weighted_vector;
DROP FUNCTION howdah.document_vector(text, text, text);
DROP FUNCTION howdah.search_configuration(text);
