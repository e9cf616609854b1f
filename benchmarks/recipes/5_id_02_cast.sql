-- Why: three functions return documents.id as integer. A request that waits in one of them for the
-- swap's lock runs on the new column once it has it, so they must work on both. rank_tier hands
-- them a list of ids: what it returns has no arguments to be told apart by, so a new name takes over.

-- migrate:up
DO $$
DECLARE
    definition text;
BEGIN
    SELECT pg_get_functiondef('howdah.rank_tier'::regproc) INTO STRICT definition;
    EXECUTE replace(replace(definition, 'howdah.rank_tier(', 'howdah.rank_documents('),
                    'OUT ids integer[]', 'OUT ids bigint[]');
    FOR definition IN
        SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'howdah'::regnamespace
        AND proname IN ('get_document', 'newest_documents', 'search_documents')
    LOOP
        definition := regexp_replace(definition, '(RETURN QUERY\s+SELECT d\.id),', '\1::integer,');
        EXECUTE replace(definition, 'howdah.rank_tier(', 'howdah.rank_documents(');
    END LOOP;
END
$$;

-- migrate:down
DO $$
DECLARE
    definition text;
BEGIN
    FOR definition IN
        SELECT pg_get_functiondef(oid) FROM pg_proc WHERE pronamespace = 'howdah'::regnamespace
        AND proname IN ('get_document', 'newest_documents', 'search_documents')
    LOOP
        definition := replace(definition, 'SELECT d.id::integer,', 'SELECT d.id,');
        EXECUTE replace(definition, 'howdah.rank_documents(', 'howdah.rank_tier(');
    END LOOP;
END
$$;
DROP FUNCTION howdah.rank_documents(integer, tsquery, integer, integer);
