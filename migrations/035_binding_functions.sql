-- Why: who is asking, what they may do and which tenant the transaction is bound to are settled by
-- one function call that travels in the same message as the query: no extra round trip, no cache
-- that outlives a revoked token. A refusal is an exception, so nothing after it in the message runs.
--
-- SQLSTATE  meaning
-- HW401     no such token, expired, or its user is disabled
-- HW403     the token's scopes, the member's role or the user's role do not allow it
-- HW404     no such organization, or the caller is no member of it (not told apart on purpose)
-- HW409     the slug now names another organization than the caller's cached id

-- migrate:up
CREATE FUNCTION howdah.bind(org_id integer, user_id integer) RETURNS void
LANGUAGE sql SET search_path = pg_catalog AS $$
    SELECT set_config('app.org_id', coalesce(org_id::text, ''), true),
           set_config('app.user_id', coalesce(user_id::text, ''), true),
           set_config('app.platform_admin', '', true),
           set_config('app.token_org_id', '', true)
$$;

CREATE FUNCTION howdah.authenticate(
    presented_hash bytea, required_scope text, for_platform boolean DEFAULT false,
    OUT user_id integer, OUT platform_admin boolean, OUT scopes text[], OUT token_org_id integer,
    OUT last_used_at timestamptz, OUT session_id integer, OUT token_id integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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

-- Why a request is refused: authorize() found that it is, in one look; here the reasons are asked
-- one by one. Always raises.
CREATE FUNCTION howdah.refuse(
    presented_hash bytea, required_scope text, org_slug text, expected_org_id integer,
    minimum_role text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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

-- It runs before nearly every query, so it asks once: one join of four index look-ups for a token,
-- a second one for a session.
CREATE FUNCTION howdah.authorize(
    presented_hash bytea, required_scope text, org_slug text, expected_org_id integer,
    minimum_role text,
    OUT user_id integer, OUT org_id integer, OUT role text, OUT last_used_at timestamptz,
    OUT session_id integer, OUT token_id integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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

-- The id of a slug, to be bound as a constant (the planner then knows the tenant's size). It grants
-- nothing: authorize() decides.
CREATE FUNCTION howdah.organization_id(org_slug text) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT o.id FROM public.organizations o WHERE o.slug = org_slug AND o.deleted_at IS NULL
$$;

GRANT EXECUTE ON FUNCTION
    howdah.bind(integer, integer),
    howdah.authenticate(bytea, text, boolean),
    howdah.authorize(bytea, text, text, integer, text),
    howdah.organization_id(text)
TO app_write;

-- migrate:down
DROP FUNCTION howdah.organization_id(text);
DROP FUNCTION howdah.authorize(bytea, text, text, integer, text);
DROP FUNCTION howdah.refuse(bytea, text, text, integer, text);
DROP FUNCTION howdah.authenticate(bytea, text, boolean);
DROP FUNCTION howdah.bind(integer, integer);
