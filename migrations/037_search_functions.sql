-- Why: search runs below row-level security as a function, because @@ is not leakproof and a
-- policy would keep it from every index (measured: 1.5 ms becomes 840 ms). The function itself
-- requires the tenant and filters by it.
--
-- A page is ranked from the highest champion tier (see 020) that fills it, else from all matches.
-- Pages after it go on in that tier, then in what the next lower one has besides, so that none is
-- shown twice or missed: `tier` says "level begun with/level of the hit". Queries that ask for two
-- words at once use level 1 only, as ts_rank then looks at how near they are. Words are highlighted for the returned page only, between U+E000 and U+E001, which the
-- application replaces after escaping. total is exact up to total_cap.

-- migrate:up
CREATE EXTENSION IF NOT EXISTS fuzzystrmatch;
-- Loads pg_trgm into this session: a function may set pg_trgm.similarity_threshold only once the
-- setting is known, else PostgreSQL refuses with 42501.
SELECT show_limit();

-- Which languages an organization writes in: a query is read in each of them.
CREATE TABLE document_languages (
    org_id   integer NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
    language text NOT NULL,
    PRIMARY KEY (org_id, language)
);
INSERT INTO document_languages SELECT DISTINCT org_id, language FROM documents;
REVOKE INSERT, UPDATE, DELETE ON document_languages FROM app_write;
ALTER TABLE document_languages ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON document_languages TO app_write USING (org_id = howdah.current_org_id());

CREATE FUNCTION howdah.remember_document_language() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.document_languages l
                   WHERE l.org_id = NEW.org_id AND l.language = NEW.language) THEN
        INSERT INTO public.document_languages (org_id, language)
        VALUES (NEW.org_id, NEW.language) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER remember_document_language AFTER INSERT OR UPDATE OF language ON documents
    FOR EACH ROW EXECUTE FUNCTION howdah.remember_document_language();

CREATE FUNCTION howdah.search_query(query_text text, only_language text) RETURNS tsquery
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    parsed tsquery;
    read_so tsquery;
    written record;
BEGIN
    FOR written IN
        SELECT l.language FROM public.document_languages l
        WHERE l.org_id = howdah.current_org_id()
          AND (only_language IS NULL OR l.language = only_language)
    LOOP
        read_so := websearch_to_tsquery(howdah.search_configuration(written.language), query_text);
        parsed := CASE
            WHEN parsed IS NULL OR numnode(parsed) = 0 THEN read_so
            WHEN numnode(read_so) = 0 OR read_so = parsed THEN parsed
            ELSE parsed || read_so
        END;
    END LOOP;
    IF EXISTS (SELECT FROM public.search_synonyms s WHERE parsed @> s.target) THEN
        RETURN ts_rewrite(parsed, 'SELECT s.target, s.substitute FROM public.search_synonyms s');
    END IF;
    RETURN parsed;
END
$$;

-- What makes a document one of a tier, in the numbering of search_documents' parameters.
CREATE FUNCTION howdah.tier_condition(level integer) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT CASE level
        WHEN 0 THEN 'd.search_vector @@ $2'
        WHEN 1 THEN 'howdah.hot_terms(d.search_vector) @@ $2'
        WHEN 2 THEN 'howdah.hot_terms(d.search_vector) @@ $12'
        ELSE 'howdah.hot_terms(d.search_vector) @@ $13'
    END
$$;

-- What ts_headline is to mark. It looks for passages that hold everything that is asked for, which
-- for 200 words takes seconds a document: of a long query any of its words is marked.
CREATE FUNCTION howdah.highlighted_query(parsed tsquery, most_nodes integer DEFAULT 100)
RETURNS tsquery
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT CASE WHEN numnode(parsed) <= most_nodes THEN parsed ELSE (
        SELECT string_agg(DISTINCT found.word[1], ' | ')::tsquery
        FROM regexp_matches(parsed::text, '(''(?:[^'']|'''')*'')', 'g') AS found(word)
    ) END
$$;

-- The first page of a tier without filters, which is what nearly every search asks for: written
-- out, so that its plan is kept in the session (planning costs more than finding a rare word does),
-- and kept for any word, as there is one sensible plan: the index.
CREATE FUNCTION howdah.rank_tier(
    org integer, parsed tsquery, level integer, wanted integer,
    OUT ids integer[], OUT ranks real[], OUT matches bigint)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    at_level CONSTANT tsquery := howdah.hot_query(parsed, level);
BEGIN
    IF level = 0 THEN
        SELECT array_agg(m.id ORDER BY m.rank DESC, m.id DESC),
               array_agg(m.rank ORDER BY m.rank DESC, m.id DESC), max(m.matches)
        INTO ids, ranks, matches
        FROM (SELECT w.id, w.rank, count(*) OVER () AS matches
              FROM (SELECT d.id, ts_rank(d.search_vector, parsed) AS rank
                    FROM public.documents d
                    WHERE d.org_id = org AND d.deleted_at IS NULL AND d.search_vector @@ parsed
                    OFFSET 0) AS w
              ORDER BY w.rank DESC, w.id DESC LIMIT wanted) AS m;
    ELSE
        SELECT array_agg(m.id ORDER BY m.rank DESC, m.id DESC),
               array_agg(m.rank ORDER BY m.rank DESC, m.id DESC), max(m.matches)
        INTO ids, ranks, matches
        FROM (SELECT w.id, w.rank, count(*) OVER () AS matches
              FROM (SELECT d.id, ts_rank(d.search_vector, parsed) AS rank
                    FROM public.documents d
                    WHERE d.org_id = org AND d.deleted_at IS NULL
                      AND howdah.hot_terms(d.search_vector) @@ at_level
                    OFFSET 0) AS w
              ORDER BY w.rank DESC, w.id DESC LIMIT wanted) AS m;
    END IF;
    ids := coalesce(ids, '{}');
    ranks := coalesce(ranks, '{}');
    matches := coalesce(matches, 0);
END
$$;

CREATE FUNCTION howdah.search_documents(
    query_text text, page_size integer DEFAULT 10,
    only_language text DEFAULT NULL, only_author integer DEFAULT NULL,
    all_tags text[] DEFAULT NULL, any_tags text[] DEFAULT NULL,
    updated_from timestamptz DEFAULT NULL, updated_to timestamptz DEFAULT NULL,
    after_tier text DEFAULT NULL, after_rank real DEFAULT NULL, after_id integer DEFAULT NULL,
    total_cap integer DEFAULT 200, small_organization integer DEFAULT 500)
RETURNS TABLE (
    id integer, title varchar, title_marked text, snippet text, tags text[], language text,
    author_id integer, revision integer, created_at timestamptz, updated_at timestamptz,
    rank real, tier text, total integer, total_exact boolean, has_more boolean)
LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = pg_catalog AS $$
DECLARE
    org CONSTANT integer := howdah.current_org_id();
    parsed tsquery;
    highlighted tsquery;
    filters text := '';
    begun_with integer := split_part(after_tier, '/', 1)::integer;
    level integer := split_part(after_tier, '/', 2)::integer;
    condition text;
    ids integer[] := '{}';
    ranks real[] := '{}';
    tier_of text[] := '{}';
    page_ids integer[];
    page_ranks real[];
    matches bigint;
    wanted integer := page_size + 1;
    marks CONSTANT text := 'StartSel=' || U&'\E000' || ', StopSel=' || U&'\E001';
BEGIN
    IF org IS NULL THEN
        RAISE EXCEPTION 'The transaction is bound to no organization.' USING ERRCODE = 'HW404';
    END IF;
    parsed := howdah.search_query(query_text, only_language);
    IF parsed IS NULL OR numnode(parsed) = 0 THEN
        RETURN;
    END IF;
    highlighted := howdah.highlighted_query(parsed);

    IF only_language IS NOT NULL THEN filters := filters || ' AND d.language = $3'; END IF;
    IF only_author IS NOT NULL THEN filters := filters || ' AND d.author_id = $4'; END IF;
    IF all_tags IS NOT NULL THEN filters := filters || ' AND d.tags @> $5'; END IF;
    IF any_tags IS NOT NULL THEN filters := filters || ' AND d.tags && $6'; END IF;
    IF updated_from IS NOT NULL THEN filters := filters || ' AND d.updated_at >= $7'; END IF;
    IF updated_to IS NOT NULL THEN filters := filters || ' AND d.updated_at < $8'; END IF;

    -- The tiers know words without their places: phrases and NOT need the whole vector. In a small
    -- organization there is nothing to save, and ranking everything gives the total as well.
    level := coalesce(level, CASE
        WHEN parsed::text ~ '[!<]' THEN 0
        WHEN NOT EXISTS (SELECT FROM public.documents d WHERE d.org_id = org
                         OFFSET small_organization) THEN 0
        WHEN parsed::text ~ '&' THEN 1
        ELSE 3
    END);

    LOOP
        condition := howdah.tier_condition(level)
            || CASE WHEN level < begun_with
                    THEN ' AND NOT ' || howdah.tier_condition(level + 1) ELSE '' END;
        -- OFFSET 0 keeps the vectors out of the window function, which would write them to disk.
        IF filters = '' AND after_tier IS NULL AND begun_with IS NULL THEN
            SELECT t.ids, t.ranks, t.matches INTO page_ids, page_ranks, matches
            FROM howdah.rank_tier(org, parsed, level, wanted) AS t;
        ELSE
            EXECUTE
                'SELECT coalesce(array_agg(m.id ORDER BY m.rank DESC, m.id DESC), ''{}''),
                        coalesce(array_agg(m.rank ORDER BY m.rank DESC, m.id DESC), ''{}''),
                        coalesce(max(m.matches), 0)
                 FROM (SELECT w.id, w.rank, count(*) OVER () AS matches
                       FROM (SELECT d.id, ts_rank(d.search_vector, $2) AS rank
                             FROM public.documents d
                             WHERE d.org_id = $1 AND d.deleted_at IS NULL AND '
                || condition || filters || ' OFFSET 0) AS w'
                || CASE WHEN after_tier = begun_with || '/' || level
                        THEN ' WHERE (w.rank, w.id) < ($9, $10)' ELSE '' END
                || ' ORDER BY w.rank DESC, w.id DESC LIMIT $11) AS m'
            INTO page_ids, page_ranks, matches
            USING org, parsed, only_language, only_author, all_tags, any_tags, updated_from,
                  updated_to, after_rank, after_id, wanted,
                  howdah.hot_query(parsed, 2), howdah.hot_query(parsed, 3);
        END IF;

        IF begun_with IS NULL AND cardinality(page_ids) < wanted AND level > 0 THEN
            level := level - 1;  -- too few champions on this level
            CONTINUE;
        END IF;
        begun_with := coalesce(begun_with, level);
        ids := ids || page_ids;
        ranks := ranks || page_ranks;
        tier_of := tier_of
            || array_fill(begun_with || '/' || level, ARRAY[cardinality(page_ids)]);
        wanted := wanted - cardinality(page_ids);
        EXIT WHEN wanted <= 0 OR level = 0;
        level := level - 1;
    END LOOP;

    -- The tier's matches are some of all: the lower ones are asked until the cap is reached.
    IF after_tier IS NULL THEN
        WHILE matches <= total_cap AND level > 0 LOOP
            level := level - 1;
            EXECUTE
                'SELECT count(*) FROM (SELECT FROM public.documents d
                 WHERE d.org_id = $1 AND d.deleted_at IS NULL AND '
                || howdah.tier_condition(level) || filters || ' LIMIT $9) AS counted'
            INTO matches
            USING org, parsed, only_language, only_author, all_tags, any_tags, updated_from,
                  updated_to, total_cap + 1, NULL::integer, NULL::integer,
                  howdah.hot_query(parsed, 2), howdah.hot_query(parsed, 3);
        END LOOP;
    END IF;

    RETURN QUERY
    SELECT d.id, d.title,
           ts_headline(howdah.search_configuration(d.language), d.title, highlighted,
                       marks || ', HighlightAll=true'),
           howdah.snippet(d.language, d.content, highlighted),
           d.tags, d.language, d.author_id, d.revision, d.created_at, d.updated_at,
           found.rank, found.tier,
           least(matches, total_cap)::integer, matches <= total_cap,
           cardinality(ids) > page_size
    FROM unnest(ids[:page_size], ranks[:page_size], tier_of[:page_size])
         WITH ORDINALITY AS found(id, rank, tier, place)
    JOIN public.documents d ON d.id = found.id AND d.org_id = org
    ORDER BY found.place;
END
$$;

-- The best passages around the words. ts_headline's cost grows with what it reads. For one word any
-- place is as good as another, so it is shown a few lines around the first; for several the
-- beginning of the document, and only when no word is found there more of it.
CREATE FUNCTION howdah.snippet(language text, content text, parsed tsquery) RETURNS text
LANGUAGE plpgsql STABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
DECLARE
    configuration CONSTANT regconfig := howdah.search_configuration(language);
    options CONSTANT text := 'StartSel=' || U&'\E000' || ', StopSel=' || U&'\E001'
        || ', MaxFragments=2, MaxWords=28, MinWords=12, FragmentDelimiter=" … "';
    beginning CONSTANT text := left(content, 4000);
    word CONSTANT text := CASE WHEN numnode(parsed) = 1 THEN btrim(parsed::text, '''') END;
    place integer;
    length_read integer;
    passage text;
BEGIN
    IF word IS NOT NULL THEN
        place := greatest(strpos(beginning, word), strpos(beginning, initcap(word)));
        IF place > 200 THEN
            passage := substr(beginning, place - 150, 500);
            passage := substr(passage, strpos(passage, ' ') + 1);  -- not from inside a word
        ELSIF place > 0 THEN
            passage := left(beginning, 600);
        END IF;
        passage := ts_headline(configuration, passage, parsed, options);
        IF strpos(passage, U&'\E000') > 0 THEN
            RETURN passage;
        END IF;
    END IF;
    FOREACH length_read IN ARRAY ARRAY[2000, 20000, 200000] LOOP
        passage := ts_headline(configuration, left(content, length_read), parsed, options);
        EXIT WHEN strpos(passage, U&'\E000') > 0 OR length(content) <= length_read;
    END LOOP;
    RETURN passage;
END
$$;

-- The words of the bound organization, as written, from its newest documents.
CREATE FUNCTION howdah.refresh_search_words(newest_documents integer DEFAULT 20000)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
DECLARE
    org CONSTANT integer := howdah.current_org_id();
    kept integer;
BEGIN
    IF org IS NULL THEN
        RAISE EXCEPTION 'The transaction is bound to no organization.' USING ERRCODE = 'HW404';
    END IF;
    DELETE FROM public.search_words w WHERE w.org_id = org;
    INSERT INTO public.search_words (org_id, word, documents)
    SELECT org, s.word, s.ndoc
    FROM ts_stat(format(
        'SELECT to_tsvector(''pg_catalog.simple'', d.title || '' '' || left(d.content, 20000))
         FROM public.documents d WHERE d.org_id = %s AND d.deleted_at IS NULL
         ORDER BY d.updated_at DESC LIMIT %s', org, newest_documents)) AS s
    WHERE s.word ~ '^[[:alpha:]]{3,30}$';
    GET DIAGNOSTICS kept = ROW_COUNT;
    RETURN kept;
END
$$;

-- For each word of a query that the organization never wrote: the nearest one it did.
CREATE FUNCTION howdah.suggest_words(words text[])
RETURNS TABLE (word text, suggestion text)
LANGUAGE sql STABLE SECURITY DEFINER
SET search_path = pg_catalog, public SET pg_trgm.similarity_threshold = 0.25 AS $$
    SELECT asked.word, nearest.word
    FROM unnest(words) AS asked(word)
    CROSS JOIN LATERAL (
        SELECT w.word
        FROM public.search_words w
        WHERE w.org_id = howdah.current_org_id() AND w.word % asked.word
          AND levenshtein_less_equal(w.word, asked.word, 2) <= 2
        ORDER BY levenshtein_less_equal(w.word, asked.word, 2), w.documents DESC, w.word
        LIMIT 1
    ) AS nearest
    WHERE NOT EXISTS (SELECT FROM public.search_words known
                      WHERE known.org_id = howdah.current_org_id() AND known.word = asked.word)
$$;

-- Counters gathered by the API and written in batches; the tenants come with them.
CREATE FUNCTION howdah.count_searches(counted jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO public.search_counts AS c (org_id, day, query, searches, hits)
    SELECT o.id, current_date, left(s.query, 200), sum(s.searches), max(s.hits)
    FROM jsonb_to_recordset(counted) AS s(org_id integer, query text, searches integer, hits integer)
    JOIN public.organizations o ON o.id = s.org_id
    GROUP BY o.id, left(s.query, 200)
    ON CONFLICT (org_id, day, query)
    DO UPDATE SET searches = c.searches + excluded.searches, hits = excluded.hits
$$;

GRANT EXECUTE ON FUNCTION
    howdah.search_query(text, text),
    howdah.highlighted_query(tsquery, integer),
    howdah.search_documents(text, integer, text, integer, text[], text[], timestamptz,
                            timestamptz, text, real, integer, integer, integer),
    howdah.snippet(text, text, tsquery),
    howdah.refresh_search_words(integer),
    howdah.suggest_words(text[]),
    howdah.count_searches(jsonb)
TO app_write;

-- migrate:down
DROP FUNCTION howdah.count_searches(jsonb);
DROP FUNCTION howdah.suggest_words(text[]);
DROP FUNCTION howdah.refresh_search_words(integer);
DROP FUNCTION howdah.snippet(text, text, tsquery);
DROP FUNCTION howdah.search_documents(text, integer, text, integer, text[], text[], timestamptz,
                                      timestamptz, text, real, integer, integer, integer);
DROP FUNCTION howdah.rank_tier(integer, tsquery, integer, integer);
DROP FUNCTION howdah.tier_condition(integer);
DROP FUNCTION howdah.highlighted_query(tsquery, integer);
DROP FUNCTION howdah.search_query(text, text);
DROP TRIGGER remember_document_language ON documents;
DROP FUNCTION howdah.remember_document_language();
DROP TABLE document_languages;
DROP EXTENSION fuzzystrmatch;
