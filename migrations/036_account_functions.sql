-- Why: what must work before anybody is signed in, or makes the first row of a tenant, cannot be
-- allowed by a policy that asks for one. Each is one narrow function instead of a wide grant.

-- migrate:up
CREATE FUNCTION howdah.sign_in_candidate(
    candidate_email text, OUT user_id integer, OUT password_hash text, OUT disabled boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT u.id, u.password_hash, u.disabled_at IS NOT NULL
    FROM public.users u WHERE lower(u.email) = lower(candidate_email)
$$;

CREATE FUNCTION howdah.register_user(
    new_email text, new_full_name text, new_password_hash text, new_role text,
    new_metadata jsonb) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    INSERT INTO public.users (email, full_name, password_hash, role, metadata)
    VALUES (new_email, new_full_name, new_password_hash, new_role, new_metadata)
    RETURNING id
$$;

-- A new organization and its owner, who is the caller: never an organization that nobody owns.
-- It returns the row: what a statement inserts, the rest of that statement cannot see.
CREATE FUNCTION howdah.found_organization(
    new_name text, new_slug text, new_settings jsonb,
    OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text,
    OUT created_at timestamptz, OUT updated_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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

-- The way back from a deletion, for an owner: authorize() no longer finds the organization.
CREATE FUNCTION howdah.restore_organization(
    org_slug text,
    OUT id integer, OUT name text, OUT slug text, OUT settings jsonb, OUT role text,
    OUT created_at timestamptz, OUT updated_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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

CREATE FUNCTION howdah.invitation(
    presented_hash bytea,
    OUT invitation_id integer, OUT org_id integer, OUT org_slug text, OUT org_name text,
    OUT email text, OUT role text, OUT existing_user_id integer)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT i.id, i.org_id, o.slug, o.name, i.email, i.role, u.id
    FROM public.invitations i
    JOIN public.organizations o ON o.id = i.org_id AND o.deleted_at IS NULL
    LEFT JOIN public.users u ON lower(u.email) = lower(i.email)
    WHERE i.token_hash = presented_hash AND i.accepted_at IS NULL AND i.expires_at > now()
$$;

CREATE FUNCTION howdah.accept_invitation(presented_hash bytea, member_id integer)
RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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

-- When a credential was last used, kept to the minute: a write for every read would be absurd.
CREATE FUNCTION howdah.touch_credential(presented_hash bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog AS $$
    UPDATE public.sessions SET last_used_at = now()
    WHERE token_hash = presented_hash
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute');
    UPDATE public.api_tokens SET last_used_at = now()
    WHERE token_hash = presented_hash
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
$$;

-- Rows below a policy cannot use an index whose operator is not leakproof (@>, &&, @@, LIKE).
-- These views are owned by the tables' owner, so the tenant is an ordinary condition in them and
-- both it and the operator can be answered by one index. They leave out what nobody needs to see.
CREATE VIEW howdah.visible_users AS
    SELECT u.id, u.email, u.full_name, u.role, u.metadata, u.created_at, u.updated_at,
           u.disabled_at
    FROM public.users u
    WHERE u.id = howdah.current_user_id()
       OR howdah.is_platform_admin()
       OR EXISTS (SELECT FROM public.memberships m
                  WHERE m.user_id = u.id AND m.org_id = howdah.current_org_id());

CREATE VIEW howdah.members AS
    SELECT m.org_id, m.role AS member_role, m.created_at AS member_since,
           u.id AS user_id, u.email, u.full_name, u.metadata, u.disabled_at
    FROM public.memberships m
    JOIN public.users u ON u.id = m.user_id
    WHERE m.org_id = howdah.current_org_id();

CREATE VIEW howdah.tenant_documents AS
    SELECT d.id, d.org_id, d.title, d.content, d.tags, d.language, d.author_id, d.updated_by,
           d.revision, d.search_vector, d.created_at, d.updated_at, d.deleted_at, d.source_path
    FROM public.documents d
    WHERE d.org_id = nullif(current_setting('app.org_id', true), '')::integer;

GRANT EXECUTE ON FUNCTION
    howdah.sign_in_candidate(text),
    howdah.register_user(text, text, text, text, jsonb),
    howdah.found_organization(text, text, jsonb),
    howdah.restore_organization(text),
    howdah.invitation(bytea),
    howdah.accept_invitation(bytea, integer),
    howdah.touch_credential(bytea)
TO app_write;
GRANT SELECT ON howdah.visible_users, howdah.members, howdah.tenant_documents TO app_write;

-- migrate:down
DROP VIEW howdah.tenant_documents;
DROP VIEW howdah.members;
DROP VIEW howdah.visible_users;
DROP FUNCTION howdah.touch_credential(bytea);
DROP FUNCTION howdah.accept_invitation(bytea, integer);
DROP FUNCTION howdah.invitation(bytea);
DROP FUNCTION howdah.restore_organization(text);
DROP FUNCTION howdah.found_organization(text, text, jsonb);
DROP FUNCTION howdah.register_user(text, text, text, text, jsonb);
DROP FUNCTION howdah.sign_in_candidate(text);
