-- Why: ranking visits every match, which for a word in half the documents is half the table. The
-- "champion tiers" are the few documents that can win, in three levels, each within the one before:
--
-- level  a word's positions                                            its least ts_rank
-- 1      in the title, or at least 4                                   0.346
-- 2      twice in the title, or once and at least 5 in all             0.721
-- 3      three times in the title, or twice and at least 5 in all      0.812
--
-- A document below a level ranks lower than every document on it (by ts_rank's default weights: the
-- j-th position counts 1/j², in the title 1.0, in the content 0.4), so for one word the best of a
-- level that has enough documents are the best of all. Level 1 is the word itself; 2 and 3 carry a
-- mark behind it, U+E002 and U+E003. 021 indexes them; search takes the highest level that fills a
-- page, and the whole vector only when none does.

-- migrate:up
CREATE FUNCTION howdah.hot_terms(vector tsvector) RETURNS tsvector
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT array_to_tsvector(coalesce(array_agg(word.lexeme || level.mark), '{}'))
    FROM (
        SELECT lexeme, cardinality(positions) AS places,
               cardinality(array_positions(weights, 'A')) AS in_title
        FROM unnest(vector)
        WHERE (cardinality(positions) >= 4 OR 'A' = ANY (weights))
          AND octet_length(lexeme) <= 2000  -- a lexeme may have 2046 bytes, with its mark
    ) AS word
    CROSS JOIN LATERAL (VALUES
        ('', true),
        (U&'\E002', in_title >= 2 OR (in_title >= 1 AND places >= 5)),
        (U&'\E003', in_title >= 3 OR (in_title >= 2 AND places >= 5))
    ) AS level(mark, reached)
    WHERE level.reached
$$;

-- The words of a query as they stand on a level.
CREATE FUNCTION howdah.hot_query(query tsquery, level integer) RETURNS tsquery
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT CASE level
        WHEN 1 THEN query
        ELSE regexp_replace(
            query::text, '''((?:[^'']|'''')*)''',
            '''\1' || CASE level WHEN 2 THEN U&'\E002' ELSE U&'\E003' END || '''', 'g')::tsquery
    END
$$;
GRANT EXECUTE ON FUNCTION howdah.hot_terms(tsvector), howdah.hot_query(tsquery, integer)
TO app_read, app_write;
GRANT EXECUTE ON FUNCTION
    howdah.search_configuration(text), howdah.document_vector(text, text, text)
TO app_read, app_write;

-- migrate:down
REVOKE EXECUTE ON FUNCTION
    howdah.search_configuration(text), howdah.document_vector(text, text, text)
FROM app_read, app_write;
DROP FUNCTION howdah.hot_query(tsquery, integer);
DROP FUNCTION howdah.hot_terms(tsvector);
