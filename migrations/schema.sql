-- The schema that all migrations make together, for reading and for comparing. Nothing runs it.
-- Written by `./howdah migrate verify --write-schema`; a test proves that it is up to date.

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: howdah; Type: SCHEMA; Schema: -; Owner: howdah_owner
--

CREATE SCHEMA howdah;

ALTER SCHEMA howdah OWNER TO howdah_owner;

--
-- Name: btree_gin; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS btree_gin WITH SCHEMA public;

--
-- Name: EXTENSION btree_gin; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION btree_gin IS 'support for indexing common datatypes in GIN';

--
-- Name: fuzzystrmatch; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS fuzzystrmatch WITH SCHEMA public;

--
-- Name: EXTENSION fuzzystrmatch; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION fuzzystrmatch IS 'determine similarities and distance between strings';

--
-- Name: pg_trgm; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;

--
-- Name: EXTENSION pg_trgm; Type: COMMENT; Schema: -; Owner: 
--

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';

--
-- Name: accept_invitation(bytea, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.accept_invitation(presented_hash bytea, member_id integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    accepted record;
BEGIN
    IF howdah.token_org_id() IS NOT NULL THEN
        RAISE EXCEPTION 'This token reaches one organization only.' USING ERRCODE = 'HW403';
    END IF;
    UPDATE public.invitations i SET accepted_at = now()
    FROM public.users u, public.organizations o
    WHERE i.token_hash = presented_hash AND i.accepted_at IS NULL AND i.expires_at > now()
      AND u.id = member_id AND lower(u.email) = lower(i.email)
      AND o.id = i.org_id AND o.deleted_at IS NULL
    RETURNING i.org_id, i.role INTO accepted;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'The invitation is unknown, expired, used, or for another address.'
            USING ERRCODE = 'HW404';
    END IF;
    INSERT INTO public.memberships (org_id, user_id, role)
    VALUES (accepted.org_id, member_id, accepted.role)
    ON CONFLICT ON CONSTRAINT memberships_pkey DO NOTHING;
    PERFORM set_config('app.org_id', accepted.org_id::text, true),
            set_config('app.user_id', member_id::text, true);
    RETURN accepted.org_id;
END
$$;

ALTER FUNCTION howdah.accept_invitation(presented_hash bytea, member_id integer) OWNER TO howdah_owner;

--
-- Name: authenticate(bytea, text, boolean); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.authenticate(presented_hash bytea, required_scope text, for_platform boolean DEFAULT false, OUT user_id integer, OUT platform_admin boolean, OUT scopes text[], OUT token_org_id integer, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    SELECT u.id, u.role = 'admin', c.scopes, c.org_id, c.last_used_at, c.session_id, c.token_id
    INTO user_id, platform_admin, scopes, token_org_id, last_used_at, session_id, token_id
    FROM (
        SELECT s.user_id, ARRAY['read', 'write', 'admin'] AS scopes, NULL::integer AS org_id,
               s.last_used_at, s.expires_at, s.id AS session_id, NULL::integer AS token_id
        FROM public.sessions s WHERE s.token_hash = presented_hash
        UNION ALL
        SELECT t.user_id, t.scopes, t.org_id, t.last_used_at, t.expires_at, NULL, t.id
        FROM public.api_tokens t WHERE t.token_hash = presented_hash
    ) AS c
    JOIN public.users u ON u.id = c.user_id
    WHERE u.disabled_at IS NULL AND (c.expires_at IS NULL OR c.expires_at > now());

    IF NOT FOUND THEN
        RAISE EXCEPTION 'The credentials are unknown, expired or revoked.' USING ERRCODE = 'HW401';
    END IF;
    IF NOT (required_scope = ANY (scopes)
            OR (required_scope = 'read' AND scopes && ARRAY['write', 'admin'])
            OR (required_scope = 'write' AND 'admin' = ANY (scopes))) THEN
        RAISE EXCEPTION 'The token lacks the scope "%".', required_scope USING ERRCODE = 'HW403';
    END IF;
    -- A token narrowed to one organization does not reach beyond it, whoever it belongs to.
    platform_admin := platform_admin AND token_org_id IS NULL;
    IF for_platform AND NOT platform_admin THEN
        RAISE EXCEPTION 'This is for the people who run this installation.' USING ERRCODE = 'HW403';
    END IF;
    PERFORM set_config('app.org_id', '', true),
            set_config('app.user_id', user_id::text, true),
            set_config('app.platform_admin', CASE WHEN platform_admin THEN 'on' ELSE '' END, true),
            set_config('app.token_org_id', coalesce(token_org_id::text, ''), true);
END
$$;

ALTER FUNCTION howdah.authenticate(presented_hash bytea, required_scope text, for_platform boolean, OUT user_id integer, OUT platform_admin boolean, OUT scopes text[], OUT token_org_id integer, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer) OWNER TO howdah_owner;

--
-- Name: authorize(bytea, text, text, integer, text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.authorize(presented_hash bytea, required_scope text, org_slug text, expected_org_id integer, minimum_role text, OUT user_id integer, OUT org_id integer, OUT role text, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    ranks CONSTANT text[] := ARRAY['viewer', 'editor', 'admin', 'owner'];
    token_scopes text[];
    token_org_id integer;
BEGIN
    SELECT t.user_id, o.id, m.role, t.last_used_at, t.id, t.scopes, t.org_id
    INTO user_id, org_id, role, last_used_at, token_id, token_scopes, token_org_id
    FROM public.api_tokens t
    JOIN public.users u ON u.id = t.user_id
    JOIN public.organizations o ON o.slug = org_slug
    JOIN public.memberships m ON m.org_id = o.id AND m.user_id = t.user_id
    WHERE t.token_hash = presented_hash
      AND (t.expires_at IS NULL OR t.expires_at > now())
      AND (t.org_id IS NULL OR t.org_id = o.id)
      AND u.disabled_at IS NULL AND o.deleted_at IS NULL;
    IF NOT FOUND THEN
        SELECT s.user_id, o.id, m.role, s.last_used_at, s.id, ARRAY['admin']
        INTO user_id, org_id, role, last_used_at, session_id, token_scopes
        FROM public.sessions s
        JOIN public.users u ON u.id = s.user_id
        JOIN public.organizations o ON o.slug = org_slug
        JOIN public.memberships m ON m.org_id = o.id AND m.user_id = s.user_id
        WHERE s.token_hash = presented_hash AND s.expires_at > now()
          AND u.disabled_at IS NULL AND o.deleted_at IS NULL;
    END IF;
    IF org_id = expected_org_id
       AND array_position(ranks, role) >= array_position(ranks, minimum_role)
       AND (required_scope = 'read' OR required_scope = ANY (token_scopes)
            OR 'admin' = ANY (token_scopes)) THEN
        PERFORM set_config('app.org_id', org_id::text, true),
                set_config('app.user_id', user_id::text, true),
                set_config('app.token_org_id', coalesce(token_org_id::text, ''), true),
                set_config('app.platform_admin', '', true);
        RETURN;
    END IF;
    PERFORM howdah.refuse(
        presented_hash, required_scope, org_slug, expected_org_id, minimum_role);
    RAISE EXCEPTION 'The credentials were refused.' USING ERRCODE = 'HW401';
END
$$;

ALTER FUNCTION howdah.authorize(presented_hash bytea, required_scope text, org_slug text, expected_org_id integer, minimum_role text, OUT user_id integer, OUT org_id integer, OUT role text, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer) OWNER TO howdah_owner;

--
-- Name: await_position(integer, pg_lsn, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.await_position(wanted_timeline integer, wanted pg_lsn, wait_ms integer) RETURNS void
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    gives_up_at timestamptz;
    pause_seconds double precision := 0.001;
BEGIN
    IF NOT pg_is_in_recovery() THEN
        IF split_part(howdah.position(), '-', 1)::integer < wanted_timeline THEN
            RAISE EXCEPTION 'This server led before that change was made.' USING ERRCODE = 'HW425';
        END IF;
        RETURN;
    END IF;
    LOOP
        IF pg_last_wal_replay_lsn() >= wanted
           AND howdah.replayed_timeline(wanted_timeline) >= wanted_timeline THEN
            RETURN;
        END IF;
        gives_up_at := coalesce(gives_up_at, clock_timestamp() + wait_ms * interval '1 ms');
        IF clock_timestamp() >= gives_up_at THEN
            RAISE EXCEPTION 'This replica has not replayed that change yet.' USING ERRCODE = 'HW425';
        END IF;
        PERFORM pg_sleep(pause_seconds);
        pause_seconds := least(pause_seconds * 2, 0.016);
    END LOOP;
END
$$;

ALTER FUNCTION howdah.await_position(wanted_timeline integer, wanted pg_lsn, wait_ms integer) OWNER TO howdah_owner;

--
-- Name: bind(integer, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.bind(org_id integer, user_id integer) RETURNS void
    LANGUAGE sql
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT set_config('app.org_id', coalesce(org_id::text, ''), true),
           set_config('app.user_id', coalesce(user_id::text, ''), true),
           set_config('app.platform_admin', '', true),
           set_config('app.token_org_id', '', true)
$$;

ALTER FUNCTION howdah.bind(org_id integer, user_id integer) OWNER TO howdah_owner;

--
-- Name: clean_expired(interval, interval, interval, interval, interval); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.clean_expired(idempotency_keys_older_than interval, revisions_older_than interval, deleted_documents_older_than interval, messages_older_than interval, job_files_older_than interval) RETURNS jsonb
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    removed jsonb := '{}';
    number_removed integer;
BEGIN
    DELETE FROM public.sessions WHERE expires_at < now();
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('sessions', number_removed);
    DELETE FROM public.api_tokens WHERE expires_at < now();
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('api_tokens', number_removed);
    DELETE FROM public.invitations WHERE accepted_at IS NULL AND expires_at < now();
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('invitations', number_removed);
    DELETE FROM public.idempotency_keys WHERE created_at < now() - idempotency_keys_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('idempotency_keys', number_removed);
    DELETE FROM public.document_revisions WHERE replaced_at < now() - revisions_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('document_revisions', number_removed);
    DELETE FROM public.documents WHERE deleted_at < now() - deleted_documents_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('deleted_documents', number_removed);
    DELETE FROM public.outbox WHERE relayed_at < now() - messages_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('outbox', number_removed);
    DELETE FROM public.cron_runs c WHERE c.enqueued_at < now() - messages_older_than
        AND c.scheduled_for < (SELECT max(newest.scheduled_for) FROM public.cron_runs newest
                               WHERE newest.job = c.job);
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    removed := removed || jsonb_build_object('cron_runs', number_removed);
    DELETE FROM public.job_files f USING public.jobs j
    WHERE j.id = f.job_id AND j.state IN ('succeeded', 'failed')
      AND j.finished_at < now() - job_files_older_than;
    GET DIAGNOSTICS number_removed = ROW_COUNT;
    RETURN removed || jsonb_build_object('job_files', number_removed);
END
$$;

ALTER FUNCTION howdah.clean_expired(idempotency_keys_older_than interval, revisions_older_than interval, deleted_documents_older_than interval, messages_older_than interval, job_files_older_than interval) OWNER TO howdah_owner;

--
-- Name: close_wal_segment(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.close_wal_segment() RETURNS pg_lsn
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    IF pg_is_in_recovery()
       OR current_setting('archive_mode') = 'off'
       OR NOT has_function_privilege('pg_switch_wal()', 'EXECUTE') THEN
        RETURN NULL;
    END IF;
    RETURN pg_switch_wal();
END
$$;

ALTER FUNCTION howdah.close_wal_segment() OWNER TO howdah_owner;

--
-- Name: count_searches(jsonb); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.count_searches(counted jsonb) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    INSERT INTO public.search_counts AS c (org_id, day, query, searches, hits)
    SELECT o.id, current_date, left(s.query, 200), sum(s.searches), max(s.hits)
    FROM jsonb_to_recordset(counted) AS s(org_id integer, query text, searches integer, hits integer)
    JOIN public.organizations o ON o.id = s.org_id
    GROUP BY o.id, left(s.query, 200)
    ON CONFLICT (org_id, day, query)
    DO UPDATE SET searches = c.searches + excluded.searches, hits = excluded.hits
$$;

ALTER FUNCTION howdah.count_searches(counted jsonb) OWNER TO howdah_owner;

--
-- Name: current_org_id(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.current_org_id() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.org_id'::text, true), ''::text))::integer;

ALTER FUNCTION howdah.current_org_id() OWNER TO howdah_owner;

--
-- Name: current_user_id(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.current_user_id() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.user_id'::text, true), ''::text))::integer;

ALTER FUNCTION howdah.current_user_id() OWNER TO howdah_owner;

--
-- Name: document_vector(text, text, text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.document_vector(language text, title text, content text) RETURNS tsvector
    LANGUAGE plpgsql IMMUTABLE
    SET search_path TO 'pg_catalog'
    AS $$
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

ALTER FUNCTION howdah.document_vector(language text, title text, content text) OWNER TO howdah_owner;

--
-- Name: end_sessions(integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.end_sessions(of_user integer) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    IF NOT howdah.is_platform_admin() THEN
        RAISE EXCEPTION 'This is for the people who run this installation.' USING ERRCODE = 'HW403';
    END IF;
    DELETE FROM public.sessions WHERE user_id = of_user;
END
$$;

ALTER FUNCTION howdah.end_sessions(of_user integer) OWNER TO howdah_owner;

--
-- Name: found_organization(text, text, jsonb); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.found_organization(new_name text, new_slug text, new_settings jsonb, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    IF howdah.current_user_id() IS NULL THEN
        RAISE EXCEPTION 'Nobody is signed in.' USING ERRCODE = 'HW401';
    END IF;
    IF howdah.token_org_id() IS NOT NULL THEN
        RAISE EXCEPTION 'This token reaches one organization only.' USING ERRCODE = 'HW403';
    END IF;
    INSERT INTO public.organizations AS o (name, slug, settings)
    VALUES (new_name, new_slug, new_settings)
    RETURNING o.id, o.name, o.slug, o.settings, 'owner', o.created_at, o.updated_at
    INTO id, name, slug, settings, role, created_at, updated_at;
    INSERT INTO public.memberships (org_id, user_id, role)
    VALUES (id, howdah.current_user_id(), 'owner');
    PERFORM set_config('app.org_id', id::text, true);
END
$$;

ALTER FUNCTION howdah.found_organization(new_name text, new_slug text, new_settings jsonb, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone) OWNER TO howdah_owner;

--
-- Name: get_document(integer, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.get_document(tenant_id integer, document_id integer) RETURNS TABLE(id integer, title character varying, content text, tags text[], language text, author_id integer, updated_by integer, revision integer, created_at timestamp with time zone, updated_at timestamp with time zone)
    LANGUAGE plpgsql STABLE ROWS 1
    AS $$
BEGIN
    RETURN QUERY
    SELECT d.id, d.title, d.content, d.tags, d.language, d.author_id, d.updated_by, d.revision,
           d.created_at, d.updated_at
    FROM public.documents d
    WHERE d.org_id = tenant_id AND d.id = document_id AND d.deleted_at IS NULL;
END
$$;

ALTER FUNCTION howdah.get_document(tenant_id integer, document_id integer) OWNER TO howdah_owner;

--
-- Name: highlighted_query(tsquery, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.highlighted_query(parsed tsquery, most_nodes integer DEFAULT 100) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT CASE WHEN numnode(parsed) <= most_nodes THEN parsed ELSE (
        SELECT string_agg(DISTINCT found.word[1], ' | ')::tsquery
        FROM regexp_matches(parsed::text, '(''(?:[^'']|'''')*'')', 'g') AS found(word)
    ) END
$$;

ALTER FUNCTION howdah.highlighted_query(parsed tsquery, most_nodes integer) OWNER TO howdah_owner;

--
-- Name: hot_query(tsquery, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.hot_query(query tsquery, level integer) RETURNS tsquery
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT CASE level
        WHEN 1 THEN query
        ELSE regexp_replace(
            query::text, '''((?:[^'']|'''')*)''',
            '''\1' || CASE level WHEN 2 THEN U&'\E002' ELSE U&'\E003' END || '''', 'g')::tsquery
    END
$$;

ALTER FUNCTION howdah.hot_query(query tsquery, level integer) OWNER TO howdah_owner;

--
-- Name: hot_terms(tsvector); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.hot_terms(vector tsvector) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
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

ALTER FUNCTION howdah.hot_terms(vector tsvector) OWNER TO howdah_owner;

--
-- Name: invitation(bytea); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.invitation(presented_hash bytea, OUT invitation_id integer, OUT org_id integer, OUT org_slug text, OUT org_name text, OUT email text, OUT role text, OUT existing_user_id integer) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT i.id, i.org_id, o.slug, o.name, i.email, i.role, u.id
    FROM public.invitations i
    JOIN public.organizations o ON o.id = i.org_id AND o.deleted_at IS NULL
    LEFT JOIN public.users u ON lower(u.email) = lower(i.email)
    WHERE i.token_hash = presented_hash AND i.accepted_at IS NULL AND i.expires_at > now()
$$;

ALTER FUNCTION howdah.invitation(presented_hash bytea, OUT invitation_id integer, OUT org_id integer, OUT org_slug text, OUT org_name text, OUT email text, OUT role text, OUT existing_user_id integer) OWNER TO howdah_owner;

--
-- Name: is_platform_admin(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.is_platform_admin() RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (COALESCE(current_setting('app.platform_admin'::text, true), ''::text) = 'on'::text);

ALTER FUNCTION howdah.is_platform_admin() OWNER TO howdah_owner;

--
-- Name: keep_document_revision(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.keep_document_revision() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    IF (NEW.title, NEW.content, NEW.tags, NEW.language)
       IS DISTINCT FROM (OLD.title, OLD.content, OLD.tags, OLD.language) THEN
        INSERT INTO public.document_revisions
            (document_id, revision, org_id, title, content, tags, language, author_id, written_at)
        VALUES
            (OLD.id, OLD.revision, OLD.org_id, OLD.title, OLD.content, OLD.tags, OLD.language,
             coalesce(OLD.updated_by, OLD.author_id), OLD.updated_at);
        NEW.revision := OLD.revision + 1;
        NEW.updated_at := clock_timestamp();
    ELSE
        NEW.updated_by := OLD.updated_by;  -- who changed nothing has not written this revision
        IF NEW.deleted_at IS DISTINCT FROM OLD.deleted_at THEN
            NEW.updated_at := clock_timestamp();
        END IF;
    END IF;
    RETURN NEW;
END
$$;

ALTER FUNCTION howdah.keep_document_revision() OWNER TO howdah_owner;

--
-- Name: keep_search_vector(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.keep_search_vector() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    NEW.search_vector := howdah.document_vector(NEW.language, NEW.title, NEW.content);
    RETURN NEW;
END
$$;

ALTER FUNCTION howdah.keep_search_vector() OWNER TO howdah_owner;

--
-- Name: keep_updated_at(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.keep_updated_at() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    RETURN NEW;
END
$$;

ALTER FUNCTION howdah.keep_updated_at() OWNER TO howdah_owner;

--
-- Name: mark_relayed(bigint[]); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.mark_relayed(relayed bigint[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    UPDATE public.outbox SET relayed_at = clock_timestamp() WHERE id = ANY (relayed)
$$;

ALTER FUNCTION howdah.mark_relayed(relayed bigint[]) OWNER TO howdah_owner;

--
-- Name: merge_patch(jsonb, jsonb); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.merge_patch(target jsonb, patch jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT CASE
        WHEN jsonb_typeof(patch) <> 'object' THEN patch
        ELSE (
            SELECT coalesce(
                jsonb_object_agg(
                    key,
                    CASE
                        WHEN changed.value IS NULL THEN kept.value
                        ELSE howdah.merge_patch(kept.value, changed.value)
                    END),
                '{}')
            FROM jsonb_each(CASE WHEN jsonb_typeof(target) = 'object' THEN target ELSE '{}' END)
                     AS kept
            FULL JOIN jsonb_each(patch) AS changed USING (key)
            WHERE changed.value IS NULL OR jsonb_typeof(changed.value) <> 'null'
        )
    END
$$;

ALTER FUNCTION howdah.merge_patch(target jsonb, patch jsonb) OWNER TO howdah_owner;

--
-- Name: newest_documents(integer, timestamp with time zone, integer, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.newest_documents(tenant_id integer, before_updated_at timestamp with time zone, before_id integer, page_size integer) RETURNS TABLE(id integer, title character varying, tags text[], language text, author_id integer, revision integer, created_at timestamp with time zone, updated_at timestamp with time zone, deleted_at timestamp with time zone)
    LANGUAGE plpgsql STABLE ROWS 20
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
BEGIN
    RETURN QUERY
    SELECT d.id, d.title, d.tags, d.language, d.author_id, d.revision, d.created_at, d.updated_at,
           d.deleted_at
    FROM public.documents d
    WHERE d.org_id = tenant_id AND d.deleted_at IS NULL
      AND (d.updated_at, d.id) < (before_updated_at, before_id)
    ORDER BY d.updated_at DESC, d.id DESC
    LIMIT page_size;
END
$$;

ALTER FUNCTION howdah.newest_documents(tenant_id integer, before_updated_at timestamp with time zone, before_id integer, page_size integer) OWNER TO howdah_owner;

--
-- Name: note_timeline(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.note_timeline() RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    INSERT INTO howdah.timelines (system_identifier, timeline)
    SELECT (SELECT system_identifier FROM pg_control_system()),
           split_part(howdah.position(), '-', 1)::integer
    ON CONFLICT ON CONSTRAINT timelines_pkey DO NOTHING
$$;

ALTER FUNCTION howdah.note_timeline() OWNER TO howdah_owner;

--
-- Name: organization_id(text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.organization_id(org_slug text) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT o.id FROM public.organizations o WHERE o.slug = org_slug AND o.deleted_at IS NULL
$$;

ALTER FUNCTION howdah.organization_id(org_slug text) OWNER TO howdah_owner;

--
-- Name: organization_ids(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.organization_ids() RETURNS SETOF integer
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT o.id FROM public.organizations o WHERE o.deleted_at IS NULL ORDER BY o.id
$$;

ALTER FUNCTION howdah.organization_ids() OWNER TO howdah_owner;

--
-- Name: outbox_waiting(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.outbox_waiting(OUT messages bigint, OUT oldest_seconds double precision) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT count(*), coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)
    FROM public.outbox WHERE relayed_at IS NULL
$$;

ALTER FUNCTION howdah.outbox_waiting(OUT messages bigint, OUT oldest_seconds double precision) OWNER TO howdah_owner;

--
-- Name: position(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah."position"() RETURNS text
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    flushed pg_lsn;
BEGIN
    IF pg_is_in_recovery() THEN
        RETURN NULL;
    END IF;
    flushed := pg_current_wal_flush_lsn();
    RETURN ('x' || substr(pg_walfile_name(flushed), 1, 8))::bit(32)::integer || '-' || flushed;
END
$$;

ALTER FUNCTION howdah."position"() OWNER TO howdah_owner;

--
-- Name: purge_organization(interval, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.purge_organization(deleted_before interval, batch_size integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    doomed integer;
    removed integer;
BEGIN
    SELECT o.id INTO doomed FROM public.organizations o
    WHERE o.deleted_at < now() - deleted_before
    ORDER BY o.id LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    DELETE FROM public.documents WHERE id IN
        (SELECT d.id FROM public.documents d WHERE d.org_id = doomed LIMIT batch_size);
    GET DIAGNOSTICS removed = ROW_COUNT;
    IF removed < batch_size THEN
        DELETE FROM public.organizations WHERE id = doomed;
    END IF;
    RETURN removed;
END
$$;

ALTER FUNCTION howdah.purge_organization(deleted_before interval, batch_size integer) OWNER TO howdah_owner;

--
-- Name: rank_tier(integer, tsquery, integer, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.rank_tier(org integer, parsed tsquery, level integer, wanted integer, OUT ids integer[], OUT ranks real[], OUT matches bigint) RETURNS record
    LANGUAGE plpgsql STABLE
    SET search_path TO 'pg_catalog'
    SET plan_cache_mode TO 'force_generic_plan'
    AS $$
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

ALTER FUNCTION howdah.rank_tier(org integer, parsed tsquery, level integer, wanted integer, OUT ids integer[], OUT ranks real[], OUT matches bigint) OWNER TO howdah_owner;

--
-- Name: refresh_search_words(integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.refresh_search_words(newest_documents integer DEFAULT 20000) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $_$
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
$_$;

ALTER FUNCTION howdah.refresh_search_words(newest_documents integer) OWNER TO howdah_owner;

--
-- Name: refuse(bytea, text, text, integer, text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.refuse(presented_hash bytea, required_scope text, org_slug text, expected_org_id integer, minimum_role text) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    caller record;
    membership record;
BEGIN
    SELECT * INTO caller FROM howdah.authenticate(presented_hash, required_scope);
    SELECT o.id, m.role INTO membership
    FROM public.organizations o
    JOIN public.memberships m ON m.org_id = o.id AND m.user_id = caller.user_id
    WHERE o.slug = org_slug AND o.deleted_at IS NULL
      AND (caller.token_org_id IS NULL OR caller.token_org_id = o.id);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'There is no organization "%", or you are not a member of it.', org_slug
            USING ERRCODE = 'HW404';
    END IF;
    IF membership.id <> expected_org_id THEN
        RAISE EXCEPTION 'The organization "%" is another one now.', org_slug
            USING ERRCODE = 'HW409';
    END IF;
    RAISE EXCEPTION 'This takes the role "%" in the organization; yours is "%".',
        minimum_role, membership.role USING ERRCODE = 'HW403';
END
$$;

ALTER FUNCTION howdah.refuse(presented_hash bytea, required_scope text, org_slug text, expected_org_id integer, minimum_role text) OWNER TO howdah_owner;

--
-- Name: register_user(text, text, text, text, jsonb); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.register_user(new_email text, new_full_name text, new_password_hash text, new_role text, new_metadata jsonb) RETURNS integer
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    INSERT INTO public.users (email, full_name, password_hash, role, metadata)
    VALUES (new_email, new_full_name, new_password_hash, new_role, new_metadata)
    RETURNING id
$$;

ALTER FUNCTION howdah.register_user(new_email text, new_full_name text, new_password_hash text, new_role text, new_metadata jsonb) OWNER TO howdah_owner;

--
-- Name: remember_document_language(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.remember_document_language() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.document_languages l
                   WHERE l.org_id = NEW.org_id AND l.language = NEW.language) THEN
        INSERT INTO public.document_languages (org_id, language)
        VALUES (NEW.org_id, NEW.language) ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END
$$;

ALTER FUNCTION howdah.remember_document_language() OWNER TO howdah_owner;

--
-- Name: remove_user(integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.remove_user(of_user integer) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    IF NOT howdah.is_platform_admin() THEN
        RAISE EXCEPTION 'This is for the people who run this installation.' USING ERRCODE = 'HW403';
    END IF;
    PERFORM FROM public.users WHERE id = of_user FOR UPDATE;  -- nobody makes them a member now
    IF EXISTS (SELECT FROM public.memberships WHERE user_id = of_user) THEN
        RAISE EXCEPTION 'The user is a member of an organization.'
            USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'memberships_user_id_fkey';
    END IF;
    DELETE FROM public.users WHERE id = of_user;
    RETURN FOUND;
END
$$;

ALTER FUNCTION howdah.remove_user(of_user integer) OWNER TO howdah_owner;

--
-- Name: replayed_timeline(integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.replayed_timeline(enough integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    timeline integer;
BEGIN
    SELECT received_tli INTO timeline FROM pg_stat_wal_receiver;
    IF timeline >= enough THEN
        RETURN timeline;
    END IF;
    RETURN greatest(
        timeline,
        (SELECT max(t.timeline) FROM howdah.timelines t
         WHERE t.system_identifier = (SELECT s.system_identifier FROM pg_control_system() s)),
        (SELECT timeline_id FROM pg_control_checkpoint()));
END
$$;

ALTER FUNCTION howdah.replayed_timeline(enough integer) OWNER TO howdah_owner;

--
-- Name: requeue_stalled_jobs(interval, interval, text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.requeue_stalled_jobs(silent_for interval, waiting_for interval, task_prefix text) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    requeued integer;
BEGIN
    WITH stalled AS (
        UPDATE public.jobs j SET state = 'queued', beaten_at = clock_timestamp()
        WHERE j.state IN ('queued', 'running')
          AND coalesce(j.beaten_at, j.created_at) < clock_timestamp()
              - CASE j.state WHEN 'running' THEN silent_for ELSE waiting_for END
        RETURNING j.id, j.org_id, j.created_by, j.kind
    )
    INSERT INTO public.outbox (task, arguments)
    SELECT task_prefix || kind,
           jsonb_build_object('job_id', id, 'org_id', org_id, 'user_id', created_by)
    FROM stalled;
    GET DIAGNOSTICS requeued = ROW_COUNT;
    RETURN requeued;
END
$$;

ALTER FUNCTION howdah.requeue_stalled_jobs(silent_for interval, waiting_for interval, task_prefix text) OWNER TO howdah_owner;

--
-- Name: restore_organization(text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.restore_organization(org_slug text, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone) RETURNS record
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    UPDATE public.organizations o SET deleted_at = NULL
    FROM public.memberships m
    WHERE o.slug = org_slug
      AND m.org_id = o.id AND m.user_id = howdah.current_user_id() AND m.role = 'owner'
      AND (howdah.token_org_id() IS NULL OR howdah.token_org_id() = o.id)
    RETURNING o.id, o.name, o.slug, o.settings, m.role, o.created_at, o.updated_at
    INTO id, name, slug, settings, role, created_at, updated_at;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'There is no organization "%" that you own.', org_slug
            USING ERRCODE = 'HW404';
    END IF;
END
$$;

ALTER FUNCTION howdah.restore_organization(org_slug text, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone) OWNER TO howdah_owner;

--
-- Name: search_configuration(text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.search_configuration(language text) RETURNS regconfig
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE language WHEN 'english'::text THEN 'english'::regconfig WHEN 'simple'::text THEN 'simple'::regconfig WHEN 'arabic'::text THEN 'arabic'::regconfig WHEN 'danish'::text THEN 'danish'::regconfig WHEN 'dutch'::text THEN 'dutch'::regconfig WHEN 'finnish'::text THEN 'finnish'::regconfig WHEN 'french'::text THEN 'french'::regconfig WHEN 'german'::text THEN 'german'::regconfig WHEN 'greek'::text THEN 'greek'::regconfig WHEN 'hungarian'::text THEN 'hungarian'::regconfig WHEN 'italian'::text THEN 'italian'::regconfig WHEN 'norwegian'::text THEN 'norwegian'::regconfig WHEN 'portuguese'::text THEN 'portuguese'::regconfig WHEN 'romanian'::text THEN 'romanian'::regconfig WHEN 'russian'::text THEN 'russian'::regconfig WHEN 'spanish'::text THEN 'spanish'::regconfig WHEN 'swedish'::text THEN 'swedish'::regconfig WHEN 'turkish'::text THEN 'turkish'::regconfig ELSE 'simple'::regconfig END;

ALTER FUNCTION howdah.search_configuration(language text) OWNER TO howdah_owner;

--
-- Name: search_documents(text, integer, text, integer, text[], text[], timestamp with time zone, timestamp with time zone, text, real, integer, integer, integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.search_documents(query_text text, page_size integer DEFAULT 10, only_language text DEFAULT NULL::text, only_author integer DEFAULT NULL::integer, all_tags text[] DEFAULT NULL::text[], any_tags text[] DEFAULT NULL::text[], updated_from timestamp with time zone DEFAULT NULL::timestamp with time zone, updated_to timestamp with time zone DEFAULT NULL::timestamp with time zone, after_tier text DEFAULT NULL::text, after_rank real DEFAULT NULL::real, after_id integer DEFAULT NULL::integer, total_cap integer DEFAULT 200, small_organization integer DEFAULT 500) RETURNS TABLE(id integer, title character varying, title_marked text, snippet text, tags text[], language text, author_id integer, revision integer, created_at timestamp with time zone, updated_at timestamp with time zone, rank real, tier text, total integer, total_exact boolean, has_more boolean)
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $_$
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
$_$;

ALTER FUNCTION howdah.search_documents(query_text text, page_size integer, only_language text, only_author integer, all_tags text[], any_tags text[], updated_from timestamp with time zone, updated_to timestamp with time zone, after_tier text, after_rank real, after_id integer, total_cap integer, small_organization integer) OWNER TO howdah_owner;

--
-- Name: search_query(text, text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.search_query(query_text text, only_language text) RETURNS tsquery
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
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

ALTER FUNCTION howdah.search_query(query_text text, only_language text) OWNER TO howdah_owner;

--
-- Name: sign_in_candidate(text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.sign_in_candidate(candidate_email text, OUT user_id integer, OUT password_hash text, OUT disabled boolean) RETURNS record
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT u.id, u.password_hash, u.disabled_at IS NOT NULL
    FROM public.users u WHERE lower(u.email) = lower(candidate_email)
$$;

ALTER FUNCTION howdah.sign_in_candidate(candidate_email text, OUT user_id integer, OUT password_hash text, OUT disabled boolean) OWNER TO howdah_owner;

--
-- Name: snippet(text, text, tsquery); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.snippet(language text, content text, parsed tsquery) RETURNS text
    LANGUAGE plpgsql STABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $$
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

ALTER FUNCTION howdah.snippet(language text, content text, parsed tsquery) OWNER TO howdah_owner;

--
-- Name: suggest_words(text[]); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.suggest_words(words text[]) RETURNS TABLE(word text, suggestion text)
    LANGUAGE sql STABLE SECURITY DEFINER
    SET search_path TO 'pg_catalog', 'public'
    SET "pg_trgm.similarity_threshold" TO '0.25'
    AS $$
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

ALTER FUNCTION howdah.suggest_words(words text[]) OWNER TO howdah_owner;

--
-- Name: take_cron_run(text, timestamp with time zone, text, text); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.take_cron_run(job_name text, moment timestamp with time zone, queue_name text, task_name text) RETURNS boolean
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    WITH taken AS (
        INSERT INTO public.cron_runs (job, scheduled_for) VALUES (job_name, moment)
        ON CONFLICT DO NOTHING RETURNING scheduled_for
    ), message AS (
        INSERT INTO public.outbox (queue, task, arguments)
        SELECT queue_name, task_name, jsonb_build_object('scheduled_for', scheduled_for)
        FROM taken RETURNING id
    )
    SELECT EXISTS (SELECT FROM message)
$$;

ALTER FUNCTION howdah.take_cron_run(job_name text, moment timestamp with time zone, queue_name text, task_name text) OWNER TO howdah_owner;

--
-- Name: take_outbox(integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.take_outbox(batch_size integer) RETURNS TABLE(id bigint, message_id uuid, queue text, task text, arguments jsonb)
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    SELECT o.id, o.message_id, o.queue, o.task, o.arguments
    FROM public.outbox o
    WHERE o.relayed_at IS NULL
    ORDER BY o.id
    LIMIT batch_size
    FOR UPDATE SKIP LOCKED
$$;

ALTER FUNCTION howdah.take_outbox(batch_size integer) OWNER TO howdah_owner;

--
-- Name: tier_condition(integer); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.tier_condition(level integer) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    SET search_path TO 'pg_catalog'
    AS $_$
    SELECT CASE level
        WHEN 0 THEN 'd.search_vector @@ $2'
        WHEN 1 THEN 'howdah.hot_terms(d.search_vector) @@ $2'
        WHEN 2 THEN 'howdah.hot_terms(d.search_vector) @@ $12'
        ELSE 'howdah.hot_terms(d.search_vector) @@ $13'
    END
$_$;

ALTER FUNCTION howdah.tier_condition(level integer) OWNER TO howdah_owner;

--
-- Name: token_org_id(); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.token_org_id() RETURNS integer
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (NULLIF(current_setting('app.token_org_id'::text, true), ''::text))::integer;

ALTER FUNCTION howdah.token_org_id() OWNER TO howdah_owner;

--
-- Name: touch_credential(bytea); Type: FUNCTION; Schema: howdah; Owner: howdah_owner
--

CREATE FUNCTION howdah.touch_credential(presented_hash bytea) RETURNS void
    LANGUAGE sql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
    UPDATE public.sessions SET last_used_at = now()
    WHERE token_hash = presented_hash
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
    UPDATE public.api_tokens SET last_used_at = now()
    WHERE token_hash = presented_hash
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
$$;

ALTER FUNCTION howdah.touch_credential(presented_hash bytea) OWNER TO howdah_owner;

SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: memberships; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.memberships (
    org_id integer NOT NULL,
    user_id integer NOT NULL,
    role text NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    updated_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT memberships_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'editor'::text, 'viewer'::text])))
);

ALTER TABLE public.memberships OWNER TO howdah_owner;

--
-- Name: users; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.users (
    id integer NOT NULL,
    email character varying(255) NOT NULL,
    full_name character varying(255) NOT NULL,
    password_hash character varying(255) NOT NULL,
    role character varying(50) DEFAULT 'user'::character varying NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
    metadata jsonb,
    disabled_at timestamp with time zone
);

ALTER TABLE public.users OWNER TO howdah_owner;

--
-- Name: members; Type: VIEW; Schema: howdah; Owner: howdah_owner
--

CREATE VIEW howdah.members AS
 SELECT m.org_id,
    m.role AS member_role,
    m.created_at AS member_since,
    u.id AS user_id,
    u.email,
    u.full_name,
    u.metadata,
    u.disabled_at
   FROM (public.memberships m
     JOIN public.users u ON ((u.id = m.user_id)))
  WHERE (m.org_id = howdah.current_org_id());

ALTER TABLE howdah.members OWNER TO howdah_owner;

--
-- Name: documents; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.documents (
    id integer NOT NULL,
    title character varying(500) NOT NULL,
    content text NOT NULL,
    author_id integer NOT NULL,
    org_id integer NOT NULL,
    tags text[] DEFAULT '{}'::text[] NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    language text DEFAULT 'english'::text NOT NULL,
    revision integer DEFAULT 1 NOT NULL,
    deleted_at timestamp with time zone,
    updated_by integer,
    source_path text,
    source_hash bytea,
    search_vector tsvector,
    CONSTRAINT documents_language_known CHECK ((language = ANY (ARRAY['simple'::text, 'arabic'::text, 'danish'::text, 'dutch'::text, 'english'::text, 'finnish'::text, 'french'::text, 'german'::text, 'greek'::text, 'hungarian'::text, 'italian'::text, 'norwegian'::text, 'portuguese'::text, 'romanian'::text, 'russian'::text, 'spanish'::text, 'swedish'::text, 'turkish'::text]))),
    CONSTRAINT documents_source_hash_check CHECK ((octet_length(source_hash) = 32)),
    CONSTRAINT documents_source_path_check CHECK ((length(source_path) <= 1000))
);
ALTER TABLE ONLY public.documents ALTER COLUMN content SET COMPRESSION lz4;
ALTER TABLE ONLY public.documents ALTER COLUMN search_vector SET STORAGE MAIN;
ALTER TABLE ONLY public.documents ALTER COLUMN search_vector SET COMPRESSION lz4;

ALTER TABLE public.documents OWNER TO howdah_owner;

--
-- Name: tenant_documents; Type: VIEW; Schema: howdah; Owner: howdah_owner
--

CREATE VIEW howdah.tenant_documents AS
 SELECT d.id,
    d.org_id,
    d.title,
    d.content,
    d.tags,
    d.language,
    d.author_id,
    d.updated_by,
    d.revision,
    d.search_vector,
    d.created_at,
    d.updated_at,
    d.deleted_at,
    d.source_path
   FROM public.documents d
  WHERE (d.org_id = (NULLIF(current_setting('app.org_id'::text, true), ''::text))::integer);

ALTER TABLE howdah.tenant_documents OWNER TO howdah_owner;

--
-- Name: timelines; Type: TABLE; Schema: howdah; Owner: howdah_owner
--

CREATE TABLE howdah.timelines (
    system_identifier bigint NOT NULL,
    timeline integer NOT NULL,
    noted_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE howdah.timelines OWNER TO howdah_owner;

--
-- Name: TABLE timelines; Type: COMMENT; Schema: howdah; Owner: howdah_owner
--

COMMENT ON TABLE howdah.timelines IS 'Timelines that a primary has led on. Rows restored into another cluster do not count there.';

--
-- Name: visible_users; Type: VIEW; Schema: howdah; Owner: howdah_owner
--

CREATE VIEW howdah.visible_users AS
 SELECT u.id,
    u.email,
    u.full_name,
    u.role,
    u.metadata,
    u.created_at,
    u.updated_at,
    u.disabled_at
   FROM public.users u
  WHERE ((u.id = howdah.current_user_id()) OR howdah.is_platform_admin() OR (EXISTS ( SELECT
           FROM public.memberships m
          WHERE ((m.user_id = u.id) AND (m.org_id = howdah.current_org_id())))));

ALTER TABLE howdah.visible_users OWNER TO howdah_owner;

--
-- Name: api_tokens; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.api_tokens (
    id integer NOT NULL,
    user_id integer NOT NULL,
    org_id integer,
    name text NOT NULL,
    token_hash bytea NOT NULL,
    scopes text[] NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone,
    last_used_at timestamp with time zone,
    CONSTRAINT api_tokens_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
    CONSTRAINT api_tokens_scopes_check CHECK (((scopes <@ ARRAY['read'::text, 'write'::text, 'admin'::text]) AND (cardinality(scopes) > 0))),
    CONSTRAINT api_tokens_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE public.api_tokens OWNER TO howdah_owner;

--
-- Name: api_tokens_id_seq; Type: SEQUENCE; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.api_tokens ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.api_tokens_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: cron_runs; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.cron_runs (
    job text NOT NULL,
    scheduled_for timestamp with time zone NOT NULL,
    enqueued_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE public.cron_runs OWNER TO howdah_owner;

--
-- Name: daily_insights; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.daily_insights (
    org_id integer NOT NULL,
    day date NOT NULL,
    report jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);

ALTER TABLE public.daily_insights OWNER TO howdah_owner;

--
-- Name: document_languages; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.document_languages (
    org_id integer NOT NULL,
    language text NOT NULL
);

ALTER TABLE public.document_languages OWNER TO howdah_owner;

--
-- Name: document_revisions; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.document_revisions (
    document_id integer NOT NULL,
    revision integer NOT NULL,
    org_id integer NOT NULL,
    title character varying(500) NOT NULL,
    content text NOT NULL,
    tags text[] NOT NULL,
    language text NOT NULL,
    author_id integer NOT NULL,
    written_at timestamp with time zone NOT NULL,
    replaced_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);
ALTER TABLE ONLY public.document_revisions ALTER COLUMN content SET COMPRESSION lz4;

ALTER TABLE public.document_revisions OWNER TO howdah_owner;

--
-- Name: documents_id_seq; Type: SEQUENCE; Schema: public; Owner: howdah_owner
--

CREATE SEQUENCE public.documents_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE public.documents_id_seq OWNER TO howdah_owner;

--
-- Name: documents_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: howdah_owner
--

ALTER SEQUENCE public.documents_id_seq OWNED BY public.documents.id;

--
-- Name: heartbeats; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.heartbeats (
    source text NOT NULL,
    beaten_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL
);

ALTER TABLE public.heartbeats OWNER TO howdah_owner;

--
-- Name: idempotency_keys; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.idempotency_keys (
    user_id integer NOT NULL,
    key text NOT NULL,
    org_id integer,
    fingerprint bytea NOT NULL,
    status integer,
    headers jsonb,
    body text,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    CONSTRAINT idempotency_keys_fingerprint_check CHECK ((octet_length(fingerprint) = 32)),
    CONSTRAINT idempotency_keys_key_check CHECK (((length(key) >= 1) AND (length(key) <= 200)))
);

ALTER TABLE public.idempotency_keys OWNER TO howdah_owner;

--
-- Name: invitations; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.invitations (
    id integer NOT NULL,
    org_id integer NOT NULL,
    email character varying(255) NOT NULL,
    role text NOT NULL,
    token_hash bytea NOT NULL,
    invited_by integer,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    accepted_at timestamp with time zone,
    CONSTRAINT invitations_role_check CHECK ((role = ANY (ARRAY['owner'::text, 'admin'::text, 'editor'::text, 'viewer'::text]))),
    CONSTRAINT invitations_token_hash_check CHECK ((octet_length(token_hash) = 32))
);

ALTER TABLE public.invitations OWNER TO howdah_owner;

--
-- Name: invitations_id_seq; Type: SEQUENCE; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.invitations ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.invitations_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: job_files; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.job_files (
    job_id uuid NOT NULL,
    org_id integer NOT NULL,
    piece integer NOT NULL,
    data bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL
);
ALTER TABLE ONLY public.job_files ALTER COLUMN data SET STORAGE EXTERNAL;

ALTER TABLE public.job_files OWNER TO howdah_owner;

--
-- Name: jobs; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.jobs (
    id uuid DEFAULT gen_random_uuid() NOT NULL,
    org_id integer NOT NULL,
    kind text NOT NULL,
    state text DEFAULT 'queued'::text NOT NULL,
    parameters jsonb DEFAULT '{}'::jsonb NOT NULL,
    progress_done integer DEFAULT 0 NOT NULL,
    progress_total integer,
    result jsonb,
    error text,
    attempts integer DEFAULT 0 NOT NULL,
    created_by integer NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    started_at timestamp with time zone,
    beaten_at timestamp with time zone,
    finished_at timestamp with time zone,
    CONSTRAINT jobs_kind_check CHECK ((kind = ANY (ARRAY['import'::text, 'export'::text]))),
    CONSTRAINT jobs_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'running'::text, 'succeeded'::text, 'failed'::text])))
);

ALTER TABLE public.jobs OWNER TO howdah_owner;

--
-- Name: organizations; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.organizations (
    id integer NOT NULL,
    name character varying(255) NOT NULL,
    slug character varying(100) NOT NULL,
    settings jsonb,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP,
    deleted_at timestamp with time zone
);

ALTER TABLE public.organizations OWNER TO howdah_owner;

--
-- Name: organizations_id_seq; Type: SEQUENCE; Schema: public; Owner: howdah_owner
--

CREATE SEQUENCE public.organizations_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE public.organizations_id_seq OWNER TO howdah_owner;

--
-- Name: organizations_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: howdah_owner
--

ALTER SEQUENCE public.organizations_id_seq OWNED BY public.organizations.id;

--
-- Name: outbox; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.outbox (
    id bigint NOT NULL,
    message_id uuid DEFAULT gen_random_uuid() NOT NULL,
    queue text DEFAULT 'default'::text NOT NULL,
    task text NOT NULL,
    arguments jsonb DEFAULT '{}'::jsonb NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    relayed_at timestamp with time zone
);

ALTER TABLE public.outbox OWNER TO howdah_owner;

--
-- Name: outbox_id_seq; Type: SEQUENCE; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.outbox ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.outbox_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: schema_migrations; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.schema_migrations (
    version character varying NOT NULL
);

ALTER TABLE public.schema_migrations OWNER TO howdah_owner;

--
-- Name: search_counts; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.search_counts (
    org_id integer NOT NULL,
    day date NOT NULL,
    query text NOT NULL,
    searches integer DEFAULT 0 NOT NULL,
    hits integer DEFAULT 0 NOT NULL,
    CONSTRAINT search_counts_query_check CHECK ((length(query) <= 200))
);

ALTER TABLE public.search_counts OWNER TO howdah_owner;

--
-- Name: search_synonyms; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.search_synonyms (
    target tsquery NOT NULL,
    substitute tsquery NOT NULL
);

ALTER TABLE public.search_synonyms OWNER TO howdah_owner;

--
-- Name: search_words; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.search_words (
    org_id integer NOT NULL,
    word text NOT NULL,
    documents integer NOT NULL
);

ALTER TABLE public.search_words OWNER TO howdah_owner;

--
-- Name: sessions; Type: TABLE; Schema: public; Owner: howdah_owner
--

CREATE TABLE public.sessions (
    id integer NOT NULL,
    user_id integer NOT NULL,
    token_hash bytea NOT NULL,
    created_at timestamp with time zone DEFAULT now() NOT NULL,
    expires_at timestamp with time zone NOT NULL,
    last_used_at timestamp with time zone,
    user_agent text,
    CONSTRAINT sessions_token_hash_check CHECK ((octet_length(token_hash) = 32)),
    CONSTRAINT sessions_user_agent_check CHECK ((length(user_agent) <= 300))
);

ALTER TABLE public.sessions OWNER TO howdah_owner;

--
-- Name: sessions_id_seq; Type: SEQUENCE; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.sessions ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.sessions_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);

--
-- Name: users_id_seq; Type: SEQUENCE; Schema: public; Owner: howdah_owner
--

CREATE SEQUENCE public.users_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;

ALTER TABLE public.users_id_seq OWNER TO howdah_owner;

--
-- Name: users_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: howdah_owner
--

ALTER SEQUENCE public.users_id_seq OWNED BY public.users.id;

--
-- Name: documents id; Type: DEFAULT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.documents ALTER COLUMN id SET DEFAULT nextval('public.documents_id_seq'::regclass);

--
-- Name: organizations id; Type: DEFAULT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.organizations ALTER COLUMN id SET DEFAULT nextval('public.organizations_id_seq'::regclass);

--
-- Name: users id; Type: DEFAULT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.users ALTER COLUMN id SET DEFAULT nextval('public.users_id_seq'::regclass);

--
-- Name: timelines timelines_pkey; Type: CONSTRAINT; Schema: howdah; Owner: howdah_owner
--

ALTER TABLE ONLY howdah.timelines
    ADD CONSTRAINT timelines_pkey PRIMARY KEY (system_identifier, timeline);

--
-- Name: api_tokens api_tokens_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_pkey PRIMARY KEY (id);

--
-- Name: api_tokens api_tokens_token_hash_key; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_token_hash_key UNIQUE (token_hash);

--
-- Name: cron_runs cron_runs_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.cron_runs
    ADD CONSTRAINT cron_runs_pkey PRIMARY KEY (job, scheduled_for);

--
-- Name: daily_insights daily_insights_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.daily_insights
    ADD CONSTRAINT daily_insights_pkey PRIMARY KEY (org_id, day);

--
-- Name: document_languages document_languages_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.document_languages
    ADD CONSTRAINT document_languages_pkey PRIMARY KEY (org_id, language);

--
-- Name: document_revisions document_revisions_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.document_revisions
    ADD CONSTRAINT document_revisions_pkey PRIMARY KEY (document_id, revision);

--
-- Name: documents documents_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_pkey PRIMARY KEY (id);

--
-- Name: documents documents_search_vector_present; Type: CHECK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.documents
    ADD CONSTRAINT documents_search_vector_present CHECK ((search_vector IS NOT NULL)) NOT VALID;

--
-- Name: heartbeats heartbeats_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.heartbeats
    ADD CONSTRAINT heartbeats_pkey PRIMARY KEY (source);

--
-- Name: idempotency_keys idempotency_keys_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_pkey PRIMARY KEY (user_id, key);

--
-- Name: invitations invitations_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_pkey PRIMARY KEY (id);

--
-- Name: invitations invitations_token_hash_key; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_token_hash_key UNIQUE (token_hash);

--
-- Name: job_files job_files_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.job_files
    ADD CONSTRAINT job_files_pkey PRIMARY KEY (job_id, piece);

--
-- Name: jobs jobs_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_pkey PRIMARY KEY (id);

--
-- Name: memberships memberships_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_pkey PRIMARY KEY (org_id, user_id);

--
-- Name: organizations organizations_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_pkey PRIMARY KEY (id);

--
-- Name: organizations organizations_slug_key; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.organizations
    ADD CONSTRAINT organizations_slug_key UNIQUE (slug);

--
-- Name: outbox outbox_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

--
-- Name: schema_migrations schema_migrations_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.schema_migrations
    ADD CONSTRAINT schema_migrations_pkey PRIMARY KEY (version);

--
-- Name: search_counts search_counts_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.search_counts
    ADD CONSTRAINT search_counts_pkey PRIMARY KEY (org_id, day, query);

--
-- Name: search_synonyms search_synonyms_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.search_synonyms
    ADD CONSTRAINT search_synonyms_pkey PRIMARY KEY (target);

--
-- Name: search_words search_words_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.search_words
    ADD CONSTRAINT search_words_pkey PRIMARY KEY (org_id, word);

--
-- Name: sessions sessions_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_pkey PRIMARY KEY (id);

--
-- Name: sessions sessions_token_hash_key; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_token_hash_key UNIQUE (token_hash);

--
-- Name: users users_email_key; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_email_key UNIQUE (email);

--
-- Name: users users_pkey; Type: CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.users
    ADD CONSTRAINT users_pkey PRIMARY KEY (id);

--
-- Name: documents_org_source_key; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE UNIQUE INDEX documents_org_source_key ON public.documents USING btree (org_id, source_path) WHERE (source_path IS NOT NULL);

--
-- Name: idx_api_tokens_expires; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_api_tokens_expires ON public.api_tokens USING btree (expires_at) WHERE (expires_at IS NOT NULL);

--
-- Name: idx_api_tokens_org; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_api_tokens_org ON public.api_tokens USING btree (org_id) WHERE (org_id IS NOT NULL);

--
-- Name: idx_api_tokens_user; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_api_tokens_user ON public.api_tokens USING btree (user_id);

--
-- Name: idx_cron_runs_enqueued; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_cron_runs_enqueued ON public.cron_runs USING btree (enqueued_at);

--
-- Name: idx_document_revisions_author; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_document_revisions_author ON public.document_revisions USING btree (author_id);

--
-- Name: idx_document_revisions_org; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_document_revisions_org ON public.document_revisions USING btree (org_id, replaced_at);

--
-- Name: idx_documents_author; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_documents_author ON public.documents USING btree (author_id, org_id, updated_at DESC, id DESC);

--
-- Name: idx_documents_org_hot_terms; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_documents_org_hot_terms ON public.documents USING gin (org_id, howdah.hot_terms(search_vector)) WITH (fastupdate=off);

--
-- Name: idx_documents_org_search; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_documents_org_search ON public.documents USING gin (org_id, search_vector) WITH (fastupdate=off);

--
-- Name: idx_documents_org_tags; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_documents_org_tags ON public.documents USING gin (org_id, tags) WITH (fastupdate=off);

--
-- Name: idx_documents_org_title; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_documents_org_title ON public.documents USING btree (org_id, title, id);

--
-- Name: idx_documents_org_updated; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_documents_org_updated ON public.documents USING btree (org_id, updated_at DESC, id DESC);

--
-- Name: idx_documents_updated_by; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_documents_updated_by ON public.documents USING btree (updated_by) WHERE (updated_by IS NOT NULL);

--
-- Name: idx_idempotency_keys_created; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_idempotency_keys_created ON public.idempotency_keys USING btree (created_at);

--
-- Name: idx_idempotency_keys_org; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_idempotency_keys_org ON public.idempotency_keys USING btree (org_id) WHERE (org_id IS NOT NULL);

--
-- Name: idx_invitations_invited_by; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_invitations_invited_by ON public.invitations USING btree (invited_by) WHERE (invited_by IS NOT NULL);

--
-- Name: idx_job_files_org; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_job_files_org ON public.job_files USING btree (org_id);

--
-- Name: idx_jobs_created_by; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_jobs_created_by ON public.jobs USING btree (created_by);

--
-- Name: idx_jobs_org_created; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_jobs_org_created ON public.jobs USING btree (org_id, created_at DESC, id DESC);

--
-- Name: idx_jobs_unfinished; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_jobs_unfinished ON public.jobs USING btree (COALESCE(beaten_at, created_at)) WHERE (state = ANY (ARRAY['queued'::text, 'running'::text]));

--
-- Name: idx_memberships_user; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_memberships_user ON public.memberships USING btree (user_id);

--
-- Name: idx_outbox_relayed; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_outbox_relayed ON public.outbox USING btree (relayed_at) WHERE (relayed_at IS NOT NULL);

--
-- Name: idx_outbox_waiting; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_outbox_waiting ON public.outbox USING btree (id) WHERE (relayed_at IS NULL);

--
-- Name: idx_search_words_trigrams; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_search_words_trigrams ON public.search_words USING gin (org_id, word public.gin_trgm_ops);

--
-- Name: idx_sessions_expires; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_sessions_expires ON public.sessions USING btree (expires_at);

--
-- Name: idx_sessions_user; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_sessions_user ON public.sessions USING btree (user_id);

--
-- Name: idx_users_metadata_gin; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_users_metadata_gin ON public.users USING gin (metadata jsonb_path_ops);

--
-- Name: idx_users_role; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE INDEX idx_users_role ON public.users USING btree (role);

--
-- Name: invitations_open_key; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE UNIQUE INDEX invitations_open_key ON public.invitations USING btree (org_id, lower((email)::text)) WHERE (accepted_at IS NULL);

--
-- Name: users_lower_email_key; Type: INDEX; Schema: public; Owner: howdah_owner
--

CREATE UNIQUE INDEX users_lower_email_key ON public.users USING btree (lower((email)::text));

--
-- Name: documents keep_document_revision; Type: TRIGGER; Schema: public; Owner: howdah_owner
--

CREATE TRIGGER keep_document_revision BEFORE UPDATE ON public.documents FOR EACH ROW EXECUTE FUNCTION howdah.keep_document_revision();

--
-- Name: documents keep_search_vector; Type: TRIGGER; Schema: public; Owner: howdah_owner
--

CREATE TRIGGER keep_search_vector BEFORE INSERT OR UPDATE OF title, content, language ON public.documents FOR EACH ROW EXECUTE FUNCTION howdah.keep_search_vector();

--
-- Name: memberships keep_updated_at; Type: TRIGGER; Schema: public; Owner: howdah_owner
--

CREATE TRIGGER keep_updated_at BEFORE UPDATE ON public.memberships FOR EACH ROW EXECUTE FUNCTION howdah.keep_updated_at();

--
-- Name: organizations keep_updated_at; Type: TRIGGER; Schema: public; Owner: howdah_owner
--

CREATE TRIGGER keep_updated_at BEFORE UPDATE ON public.organizations FOR EACH ROW EXECUTE FUNCTION howdah.keep_updated_at();

--
-- Name: users keep_updated_at; Type: TRIGGER; Schema: public; Owner: howdah_owner
--

CREATE TRIGGER keep_updated_at BEFORE UPDATE ON public.users FOR EACH ROW EXECUTE FUNCTION howdah.keep_updated_at();

--
-- Name: documents remember_document_language; Type: TRIGGER; Schema: public; Owner: howdah_owner
--

CREATE TRIGGER remember_document_language AFTER INSERT OR UPDATE OF language ON public.documents FOR EACH ROW EXECUTE FUNCTION howdah.remember_document_language();

--
-- Name: api_tokens api_tokens_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: api_tokens api_tokens_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.api_tokens
    ADD CONSTRAINT api_tokens_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

--
-- Name: daily_insights daily_insights_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.daily_insights
    ADD CONSTRAINT daily_insights_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: document_languages document_languages_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.document_languages
    ADD CONSTRAINT document_languages_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: document_revisions document_revisions_author_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.document_revisions
    ADD CONSTRAINT document_revisions_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id);

--
-- Name: document_revisions document_revisions_document_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.document_revisions
    ADD CONSTRAINT document_revisions_document_id_fkey FOREIGN KEY (document_id) REFERENCES public.documents(id) ON DELETE CASCADE;

--
-- Name: document_revisions document_revisions_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.document_revisions
    ADD CONSTRAINT document_revisions_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: documents documents_author_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_author_id_fkey FOREIGN KEY (author_id) REFERENCES public.users(id);

--
-- Name: documents documents_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id);

--
-- Name: documents documents_updated_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.documents
    ADD CONSTRAINT documents_updated_by_fkey FOREIGN KEY (updated_by) REFERENCES public.users(id);

--
-- Name: idempotency_keys idempotency_keys_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: idempotency_keys idempotency_keys_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.idempotency_keys
    ADD CONSTRAINT idempotency_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

--
-- Name: invitations invitations_invited_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_invited_by_fkey FOREIGN KEY (invited_by) REFERENCES public.users(id) ON DELETE SET NULL;

--
-- Name: invitations invitations_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.invitations
    ADD CONSTRAINT invitations_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: job_files job_files_job_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.job_files
    ADD CONSTRAINT job_files_job_id_fkey FOREIGN KEY (job_id) REFERENCES public.jobs(id) ON DELETE CASCADE;

--
-- Name: job_files job_files_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.job_files
    ADD CONSTRAINT job_files_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: jobs jobs_created_by_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_created_by_fkey FOREIGN KEY (created_by) REFERENCES public.users(id);

--
-- Name: jobs jobs_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.jobs
    ADD CONSTRAINT jobs_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: memberships memberships_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: memberships memberships_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.memberships
    ADD CONSTRAINT memberships_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

--
-- Name: search_counts search_counts_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.search_counts
    ADD CONSTRAINT search_counts_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: search_words search_words_org_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.search_words
    ADD CONSTRAINT search_words_org_id_fkey FOREIGN KEY (org_id) REFERENCES public.organizations(id) ON DELETE CASCADE;

--
-- Name: sessions sessions_user_id_fkey; Type: FK CONSTRAINT; Schema: public; Owner: howdah_owner
--

ALTER TABLE ONLY public.sessions
    ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES public.users(id) ON DELETE CASCADE;

--
-- Name: daily_insights analytics; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY analytics ON public.daily_insights FOR SELECT TO app_read USING (true);

--
-- Name: document_revisions analytics; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY analytics ON public.document_revisions FOR SELECT TO app_read USING (true);

--
-- Name: documents analytics; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY analytics ON public.documents FOR SELECT TO app_read USING (true);

--
-- Name: jobs analytics; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY analytics ON public.jobs FOR SELECT TO app_read USING (true);

--
-- Name: memberships analytics; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY analytics ON public.memberships FOR SELECT TO app_read USING (true);

--
-- Name: organizations analytics; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY analytics ON public.organizations FOR SELECT TO app_read USING (true);

--
-- Name: search_counts analytics; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY analytics ON public.search_counts FOR SELECT TO app_read USING (true);

--
-- Name: users analytics; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY analytics ON public.users FOR SELECT TO app_read USING (true);

--
-- Name: api_tokens; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.api_tokens ENABLE ROW LEVEL SECURITY;

--
-- Name: users changed; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY changed ON public.users FOR UPDATE TO app_write USING (((id = howdah.current_user_id()) OR howdah.is_platform_admin()));

--
-- Name: daily_insights; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.daily_insights ENABLE ROW LEVEL SECURITY;

--
-- Name: document_languages; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.document_languages ENABLE ROW LEVEL SECURITY;

--
-- Name: document_revisions; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.document_revisions ENABLE ROW LEVEL SECURITY;

--
-- Name: documents; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.documents ENABLE ROW LEVEL SECURITY;

--
-- Name: idempotency_keys; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.idempotency_keys ENABLE ROW LEVEL SECURITY;

--
-- Name: invitations; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.invitations ENABLE ROW LEVEL SECURITY;

--
-- Name: job_files; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.job_files ENABLE ROW LEVEL SECURITY;

--
-- Name: jobs; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.jobs ENABLE ROW LEVEL SECURITY;

--
-- Name: organizations member; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY member ON public.organizations FOR SELECT TO app_write USING (((id = howdah.current_org_id()) OR (EXISTS ( SELECT
   FROM public.memberships m
  WHERE ((m.org_id = organizations.id) AND (m.user_id = howdah.current_user_id()))))));

--
-- Name: memberships; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.memberships ENABLE ROW LEVEL SECURITY;

--
-- Name: organizations; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.organizations ENABLE ROW LEVEL SECURITY;

--
-- Name: api_tokens own; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY own ON public.api_tokens TO app_write USING ((user_id = howdah.current_user_id()));

--
-- Name: idempotency_keys own; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY own ON public.idempotency_keys TO app_write USING ((user_id = howdah.current_user_id()));

--
-- Name: sessions own; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY own ON public.sessions TO app_write USING ((user_id = howdah.current_user_id()));

--
-- Name: users removed; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY removed ON public.users FOR DELETE TO app_write USING (howdah.is_platform_admin());

--
-- Name: search_counts; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.search_counts ENABLE ROW LEVEL SECURITY;

--
-- Name: search_words; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.search_words ENABLE ROW LEVEL SECURITY;

--
-- Name: users seen; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY seen ON public.users FOR SELECT TO app_write USING (((id = howdah.current_user_id()) OR howdah.is_platform_admin() OR (EXISTS ( SELECT
   FROM public.memberships m
  WHERE ((m.user_id = users.id) AND (m.org_id = howdah.current_org_id()))))));

--
-- Name: sessions; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.sessions ENABLE ROW LEVEL SECURITY;

--
-- Name: daily_insights tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.daily_insights TO app_write USING ((org_id = howdah.current_org_id()));

--
-- Name: document_languages tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.document_languages TO app_write USING ((org_id = howdah.current_org_id()));

--
-- Name: document_revisions tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.document_revisions TO app_write USING ((org_id = (NULLIF(current_setting('app.org_id'::text, true), ''::text))::integer));

--
-- Name: documents tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.documents TO app_write USING ((org_id = (NULLIF(current_setting('app.org_id'::text, true), ''::text))::integer));

--
-- Name: invitations tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.invitations TO app_write USING ((org_id = howdah.current_org_id()));

--
-- Name: job_files tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.job_files TO app_write USING ((org_id = howdah.current_org_id()));

--
-- Name: jobs tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.jobs TO app_write USING ((org_id = howdah.current_org_id()));

--
-- Name: memberships tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.memberships TO app_write USING (((org_id = howdah.current_org_id()) OR (user_id = howdah.current_user_id()))) WITH CHECK ((org_id = howdah.current_org_id()));

--
-- Name: organizations tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.organizations FOR UPDATE TO app_write USING ((id = howdah.current_org_id()));

--
-- Name: search_counts tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.search_counts TO app_write USING ((org_id = howdah.current_org_id()));

--
-- Name: search_words tenant; Type: POLICY; Schema: public; Owner: howdah_owner
--

CREATE POLICY tenant ON public.search_words TO app_write USING ((org_id = howdah.current_org_id()));

--
-- Name: users; Type: ROW SECURITY; Schema: public; Owner: howdah_owner
--

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;

--
-- Name: SCHEMA howdah; Type: ACL; Schema: -; Owner: howdah_owner
--

GRANT USAGE ON SCHEMA howdah TO app_read;
GRANT USAGE ON SCHEMA howdah TO app_write;

--
-- Name: SCHEMA public; Type: ACL; Schema: -; Owner: pg_database_owner
--

REVOKE USAGE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app_read;
GRANT USAGE ON SCHEMA public TO app_write;

--
-- Name: FUNCTION accept_invitation(presented_hash bytea, member_id integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.accept_invitation(presented_hash bytea, member_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.accept_invitation(presented_hash bytea, member_id integer) TO app_write;

--
-- Name: FUNCTION authenticate(presented_hash bytea, required_scope text, for_platform boolean, OUT user_id integer, OUT platform_admin boolean, OUT scopes text[], OUT token_org_id integer, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.authenticate(presented_hash bytea, required_scope text, for_platform boolean, OUT user_id integer, OUT platform_admin boolean, OUT scopes text[], OUT token_org_id integer, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.authenticate(presented_hash bytea, required_scope text, for_platform boolean, OUT user_id integer, OUT platform_admin boolean, OUT scopes text[], OUT token_org_id integer, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer) TO app_write;

--
-- Name: FUNCTION authorize(presented_hash bytea, required_scope text, org_slug text, expected_org_id integer, minimum_role text, OUT user_id integer, OUT org_id integer, OUT role text, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.authorize(presented_hash bytea, required_scope text, org_slug text, expected_org_id integer, minimum_role text, OUT user_id integer, OUT org_id integer, OUT role text, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.authorize(presented_hash bytea, required_scope text, org_slug text, expected_org_id integer, minimum_role text, OUT user_id integer, OUT org_id integer, OUT role text, OUT last_used_at timestamp with time zone, OUT session_id integer, OUT token_id integer) TO app_write;

--
-- Name: FUNCTION await_position(wanted_timeline integer, wanted pg_lsn, wait_ms integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.await_position(wanted_timeline integer, wanted pg_lsn, wait_ms integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.await_position(wanted_timeline integer, wanted pg_lsn, wait_ms integer) TO app_write;

--
-- Name: FUNCTION bind(org_id integer, user_id integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.bind(org_id integer, user_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.bind(org_id integer, user_id integer) TO app_write;

--
-- Name: FUNCTION clean_expired(idempotency_keys_older_than interval, revisions_older_than interval, deleted_documents_older_than interval, messages_older_than interval, job_files_older_than interval); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.clean_expired(idempotency_keys_older_than interval, revisions_older_than interval, deleted_documents_older_than interval, messages_older_than interval, job_files_older_than interval) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.clean_expired(idempotency_keys_older_than interval, revisions_older_than interval, deleted_documents_older_than interval, messages_older_than interval, job_files_older_than interval) TO app_write;

--
-- Name: FUNCTION close_wal_segment(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.close_wal_segment() FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.close_wal_segment() TO app_write;

--
-- Name: FUNCTION count_searches(counted jsonb); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.count_searches(counted jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.count_searches(counted jsonb) TO app_write;

--
-- Name: FUNCTION current_org_id(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.current_org_id() FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.current_org_id() TO app_read;
GRANT ALL ON FUNCTION howdah.current_org_id() TO app_write;

--
-- Name: FUNCTION current_user_id(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.current_user_id() FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.current_user_id() TO app_read;
GRANT ALL ON FUNCTION howdah.current_user_id() TO app_write;

--
-- Name: FUNCTION document_vector(language text, title text, content text); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.document_vector(language text, title text, content text) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.document_vector(language text, title text, content text) TO app_read;
GRANT ALL ON FUNCTION howdah.document_vector(language text, title text, content text) TO app_write;

--
-- Name: FUNCTION end_sessions(of_user integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.end_sessions(of_user integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.end_sessions(of_user integer) TO app_write;

--
-- Name: FUNCTION found_organization(new_name text, new_slug text, new_settings jsonb, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.found_organization(new_name text, new_slug text, new_settings jsonb, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.found_organization(new_name text, new_slug text, new_settings jsonb, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone) TO app_write;

--
-- Name: FUNCTION get_document(tenant_id integer, document_id integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.get_document(tenant_id integer, document_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.get_document(tenant_id integer, document_id integer) TO app_write;

--
-- Name: FUNCTION highlighted_query(parsed tsquery, most_nodes integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.highlighted_query(parsed tsquery, most_nodes integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.highlighted_query(parsed tsquery, most_nodes integer) TO app_write;

--
-- Name: FUNCTION hot_query(query tsquery, level integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.hot_query(query tsquery, level integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.hot_query(query tsquery, level integer) TO app_read;
GRANT ALL ON FUNCTION howdah.hot_query(query tsquery, level integer) TO app_write;

--
-- Name: FUNCTION hot_terms(vector tsvector); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.hot_terms(vector tsvector) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.hot_terms(vector tsvector) TO app_read;
GRANT ALL ON FUNCTION howdah.hot_terms(vector tsvector) TO app_write;

--
-- Name: FUNCTION invitation(presented_hash bytea, OUT invitation_id integer, OUT org_id integer, OUT org_slug text, OUT org_name text, OUT email text, OUT role text, OUT existing_user_id integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.invitation(presented_hash bytea, OUT invitation_id integer, OUT org_id integer, OUT org_slug text, OUT org_name text, OUT email text, OUT role text, OUT existing_user_id integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.invitation(presented_hash bytea, OUT invitation_id integer, OUT org_id integer, OUT org_slug text, OUT org_name text, OUT email text, OUT role text, OUT existing_user_id integer) TO app_write;

--
-- Name: FUNCTION is_platform_admin(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.is_platform_admin() FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.is_platform_admin() TO app_read;
GRANT ALL ON FUNCTION howdah.is_platform_admin() TO app_write;

--
-- Name: FUNCTION keep_document_revision(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.keep_document_revision() FROM PUBLIC;

--
-- Name: FUNCTION keep_search_vector(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.keep_search_vector() FROM PUBLIC;

--
-- Name: FUNCTION keep_updated_at(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.keep_updated_at() FROM PUBLIC;

--
-- Name: FUNCTION mark_relayed(relayed bigint[]); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.mark_relayed(relayed bigint[]) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.mark_relayed(relayed bigint[]) TO app_write;

--
-- Name: FUNCTION merge_patch(target jsonb, patch jsonb); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.merge_patch(target jsonb, patch jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.merge_patch(target jsonb, patch jsonb) TO app_write;

--
-- Name: FUNCTION newest_documents(tenant_id integer, before_updated_at timestamp with time zone, before_id integer, page_size integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.newest_documents(tenant_id integer, before_updated_at timestamp with time zone, before_id integer, page_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.newest_documents(tenant_id integer, before_updated_at timestamp with time zone, before_id integer, page_size integer) TO app_write;

--
-- Name: FUNCTION note_timeline(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.note_timeline() FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.note_timeline() TO app_write;

--
-- Name: FUNCTION organization_id(org_slug text); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.organization_id(org_slug text) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.organization_id(org_slug text) TO app_write;

--
-- Name: FUNCTION organization_ids(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.organization_ids() FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.organization_ids() TO app_write;

--
-- Name: FUNCTION outbox_waiting(OUT messages bigint, OUT oldest_seconds double precision); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.outbox_waiting(OUT messages bigint, OUT oldest_seconds double precision) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.outbox_waiting(OUT messages bigint, OUT oldest_seconds double precision) TO app_write;

--
-- Name: FUNCTION "position"(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah."position"() FROM PUBLIC;
GRANT ALL ON FUNCTION howdah."position"() TO app_write;

--
-- Name: FUNCTION purge_organization(deleted_before interval, batch_size integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.purge_organization(deleted_before interval, batch_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.purge_organization(deleted_before interval, batch_size integer) TO app_write;

--
-- Name: FUNCTION rank_tier(org integer, parsed tsquery, level integer, wanted integer, OUT ids integer[], OUT ranks real[], OUT matches bigint); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.rank_tier(org integer, parsed tsquery, level integer, wanted integer, OUT ids integer[], OUT ranks real[], OUT matches bigint) FROM PUBLIC;

--
-- Name: FUNCTION refresh_search_words(newest_documents integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.refresh_search_words(newest_documents integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.refresh_search_words(newest_documents integer) TO app_write;

--
-- Name: FUNCTION refuse(presented_hash bytea, required_scope text, org_slug text, expected_org_id integer, minimum_role text); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.refuse(presented_hash bytea, required_scope text, org_slug text, expected_org_id integer, minimum_role text) FROM PUBLIC;

--
-- Name: FUNCTION register_user(new_email text, new_full_name text, new_password_hash text, new_role text, new_metadata jsonb); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.register_user(new_email text, new_full_name text, new_password_hash text, new_role text, new_metadata jsonb) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.register_user(new_email text, new_full_name text, new_password_hash text, new_role text, new_metadata jsonb) TO app_write;

--
-- Name: FUNCTION remember_document_language(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.remember_document_language() FROM PUBLIC;

--
-- Name: FUNCTION remove_user(of_user integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.remove_user(of_user integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.remove_user(of_user integer) TO app_write;

--
-- Name: FUNCTION replayed_timeline(enough integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.replayed_timeline(enough integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.replayed_timeline(enough integer) TO app_write;

--
-- Name: FUNCTION requeue_stalled_jobs(silent_for interval, waiting_for interval, task_prefix text); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.requeue_stalled_jobs(silent_for interval, waiting_for interval, task_prefix text) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.requeue_stalled_jobs(silent_for interval, waiting_for interval, task_prefix text) TO app_write;

--
-- Name: FUNCTION restore_organization(org_slug text, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.restore_organization(org_slug text, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.restore_organization(org_slug text, OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text, OUT created_at timestamp with time zone, OUT updated_at timestamp with time zone) TO app_write;

--
-- Name: FUNCTION search_configuration(language text); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.search_configuration(language text) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.search_configuration(language text) TO app_read;
GRANT ALL ON FUNCTION howdah.search_configuration(language text) TO app_write;

--
-- Name: FUNCTION search_documents(query_text text, page_size integer, only_language text, only_author integer, all_tags text[], any_tags text[], updated_from timestamp with time zone, updated_to timestamp with time zone, after_tier text, after_rank real, after_id integer, total_cap integer, small_organization integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.search_documents(query_text text, page_size integer, only_language text, only_author integer, all_tags text[], any_tags text[], updated_from timestamp with time zone, updated_to timestamp with time zone, after_tier text, after_rank real, after_id integer, total_cap integer, small_organization integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.search_documents(query_text text, page_size integer, only_language text, only_author integer, all_tags text[], any_tags text[], updated_from timestamp with time zone, updated_to timestamp with time zone, after_tier text, after_rank real, after_id integer, total_cap integer, small_organization integer) TO app_write;

--
-- Name: FUNCTION search_query(query_text text, only_language text); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.search_query(query_text text, only_language text) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.search_query(query_text text, only_language text) TO app_write;

--
-- Name: FUNCTION sign_in_candidate(candidate_email text, OUT user_id integer, OUT password_hash text, OUT disabled boolean); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.sign_in_candidate(candidate_email text, OUT user_id integer, OUT password_hash text, OUT disabled boolean) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.sign_in_candidate(candidate_email text, OUT user_id integer, OUT password_hash text, OUT disabled boolean) TO app_write;

--
-- Name: FUNCTION snippet(language text, content text, parsed tsquery); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.snippet(language text, content text, parsed tsquery) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.snippet(language text, content text, parsed tsquery) TO app_write;

--
-- Name: FUNCTION suggest_words(words text[]); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.suggest_words(words text[]) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.suggest_words(words text[]) TO app_write;

--
-- Name: FUNCTION take_cron_run(job_name text, moment timestamp with time zone, queue_name text, task_name text); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.take_cron_run(job_name text, moment timestamp with time zone, queue_name text, task_name text) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.take_cron_run(job_name text, moment timestamp with time zone, queue_name text, task_name text) TO app_write;

--
-- Name: FUNCTION take_outbox(batch_size integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.take_outbox(batch_size integer) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.take_outbox(batch_size integer) TO app_write;

--
-- Name: FUNCTION tier_condition(level integer); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.tier_condition(level integer) FROM PUBLIC;

--
-- Name: FUNCTION token_org_id(); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.token_org_id() FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.token_org_id() TO app_read;
GRANT ALL ON FUNCTION howdah.token_org_id() TO app_write;

--
-- Name: FUNCTION touch_credential(presented_hash bytea); Type: ACL; Schema: howdah; Owner: howdah_owner
--

REVOKE ALL ON FUNCTION howdah.touch_credential(presented_hash bytea) FROM PUBLIC;
GRANT ALL ON FUNCTION howdah.touch_credential(presented_hash bytea) TO app_write;

--
-- Name: TABLE memberships; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.memberships TO app_write;
GRANT SELECT ON TABLE public.memberships TO app_read;

--
-- Name: TABLE users; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,DELETE,UPDATE ON TABLE public.users TO app_write;

--
-- Name: COLUMN users.id; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT(id) ON TABLE public.users TO app_read;

--
-- Name: COLUMN users.full_name; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT(full_name) ON TABLE public.users TO app_read;

--
-- Name: COLUMN users.role; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT(role) ON TABLE public.users TO app_read;

--
-- Name: COLUMN users.created_at; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT(created_at) ON TABLE public.users TO app_read;

--
-- Name: COLUMN users.updated_at; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT(updated_at) ON TABLE public.users TO app_read;

--
-- Name: COLUMN users.metadata; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT(metadata) ON TABLE public.users TO app_read;

--
-- Name: COLUMN users.disabled_at; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT(disabled_at) ON TABLE public.users TO app_read;

--
-- Name: TABLE members; Type: ACL; Schema: howdah; Owner: howdah_owner
--

GRANT SELECT ON TABLE howdah.members TO app_write;

--
-- Name: TABLE documents; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.documents TO app_write;
GRANT SELECT ON TABLE public.documents TO app_read;

--
-- Name: TABLE tenant_documents; Type: ACL; Schema: howdah; Owner: howdah_owner
--

GRANT SELECT ON TABLE howdah.tenant_documents TO app_write;

--
-- Name: TABLE visible_users; Type: ACL; Schema: howdah; Owner: howdah_owner
--

GRANT SELECT ON TABLE howdah.visible_users TO app_write;

--
-- Name: TABLE api_tokens; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.api_tokens TO app_write;

--
-- Name: SEQUENCE api_tokens_id_seq; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT USAGE ON SEQUENCE public.api_tokens_id_seq TO app_write;

--
-- Name: TABLE cron_runs; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.cron_runs TO app_write;
GRANT SELECT ON TABLE public.cron_runs TO app_read;

--
-- Name: TABLE daily_insights; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.daily_insights TO app_write;
GRANT SELECT ON TABLE public.daily_insights TO app_read;

--
-- Name: TABLE document_languages; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT ON TABLE public.document_languages TO app_write;

--
-- Name: TABLE document_revisions; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT ON TABLE public.document_revisions TO app_write;
GRANT SELECT ON TABLE public.document_revisions TO app_read;

--
-- Name: SEQUENCE documents_id_seq; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT USAGE ON SEQUENCE public.documents_id_seq TO app_write;

--
-- Name: TABLE heartbeats; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.heartbeats TO app_write;
GRANT SELECT ON TABLE public.heartbeats TO app_read;

--
-- Name: TABLE idempotency_keys; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.idempotency_keys TO app_write;

--
-- Name: TABLE invitations; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.invitations TO app_write;

--
-- Name: SEQUENCE invitations_id_seq; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT USAGE ON SEQUENCE public.invitations_id_seq TO app_write;

--
-- Name: TABLE job_files; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.job_files TO app_write;

--
-- Name: TABLE jobs; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.jobs TO app_write;
GRANT SELECT ON TABLE public.jobs TO app_read;

--
-- Name: TABLE organizations; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,UPDATE ON TABLE public.organizations TO app_write;
GRANT SELECT ON TABLE public.organizations TO app_read;

--
-- Name: SEQUENCE organizations_id_seq; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT USAGE ON SEQUENCE public.organizations_id_seq TO app_write;

--
-- Name: TABLE outbox; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT INSERT ON TABLE public.outbox TO app_write;

--
-- Name: SEQUENCE outbox_id_seq; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT USAGE ON SEQUENCE public.outbox_id_seq TO app_write;

--
-- Name: TABLE schema_migrations; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT ON TABLE public.schema_migrations TO app_write;
GRANT SELECT ON TABLE public.schema_migrations TO app_read;

--
-- Name: TABLE search_counts; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_counts TO app_write;
GRANT SELECT ON TABLE public.search_counts TO app_read;

--
-- Name: TABLE search_synonyms; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT ON TABLE public.search_synonyms TO app_write;

--
-- Name: TABLE search_words; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.search_words TO app_write;

--
-- Name: TABLE sessions; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT SELECT,INSERT,DELETE,UPDATE ON TABLE public.sessions TO app_write;

--
-- Name: SEQUENCE sessions_id_seq; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT USAGE ON SEQUENCE public.sessions_id_seq TO app_write;

--
-- Name: SEQUENCE users_id_seq; Type: ACL; Schema: public; Owner: howdah_owner
--

GRANT USAGE ON SEQUENCE public.users_id_seq TO app_write;

--
-- Name: DEFAULT PRIVILEGES FOR SEQUENCES; Type: DEFAULT ACL; Schema: public; Owner: howdah_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE howdah_owner IN SCHEMA public GRANT USAGE ON SEQUENCES  TO app_write;

--
-- Name: DEFAULT PRIVILEGES FOR TABLES; Type: DEFAULT ACL; Schema: public; Owner: howdah_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE howdah_owner IN SCHEMA public GRANT SELECT,INSERT,DELETE,UPDATE ON TABLES  TO app_write;

--
-- Name: DEFAULT PRIVILEGES FOR FUNCTIONS; Type: DEFAULT ACL; Schema: -; Owner: howdah_owner
--

ALTER DEFAULT PRIVILEGES FOR ROLE howdah_owner REVOKE ALL ON FUNCTIONS  FROM PUBLIC;
