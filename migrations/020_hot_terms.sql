-- Why: ranking visits every match, which for a word in half the documents is half the table. The
-- "champion tier" is the few documents that can win: those with the word in the title or at least
-- four times. 021 indexes it; search reads the full index only when the tier has too few matches.

-- migrate:up
CREATE FUNCTION howdah.hot_terms(vector tsvector) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT array_to_tsvector(coalesce(array_agg(lexeme), '{}'))
    FROM unnest(vector)
    WHERE cardinality(positions) >= 4 OR 'A' = ANY (weights)
$$;
GRANT EXECUTE ON FUNCTION howdah.hot_terms(tsvector) TO app_read, app_write;
GRANT EXECUTE ON FUNCTION
    howdah.search_configuration(text), howdah.document_vector(text, text, text)
TO app_read, app_write;

-- migrate:down
REVOKE EXECUTE ON FUNCTION
    howdah.search_configuration(text), howdah.document_vector(text, text, text)
FROM app_read, app_write;
DROP FUNCTION howdah.hot_terms(tsvector);
