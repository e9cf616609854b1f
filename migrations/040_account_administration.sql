-- Why: the people who run the installation end other people's sessions and remove accounts, and
-- row-level security shows them neither sessions nor memberships of others, on purpose. Each is one
-- narrow function that asks who is calling, instead of a policy that shows more.

-- migrate:up
-- Of somebody who is disabled: enabling them again must not revive what was open then.
CREATE FUNCTION howdah.end_sessions(of_user integer) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
BEGIN
    IF NOT howdah.is_platform_admin() THEN
        RAISE EXCEPTION 'This is for the people who run this installation.' USING ERRCODE = 'HW403';
    END IF;
    DELETE FROM public.sessions WHERE user_id = of_user;
END
$$;

-- Remove somebody whom nothing refers to; false when there is no such user. A membership refers to
-- its user although its foreign key cascades: an organization must not lose its owner by accident.
CREATE FUNCTION howdah.remove_user(of_user integer) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
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

GRANT EXECUTE ON FUNCTION howdah.end_sessions(integer), howdah.remove_user(integer) TO app_write;

-- migrate:down
DROP FUNCTION howdah.remove_user(integer);
DROP FUNCTION howdah.end_sessions(integer);
