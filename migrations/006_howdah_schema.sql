-- Why: functions of ours live apart from the tables, so that a grant on one says nothing of the
-- other; and who is asking is read from transaction-local settings, the only session state that
-- transaction pooling leaves alone. An unset setting reads as NULL, which matches no row.

-- migrate:up
CREATE EXTENSION IF NOT EXISTS btree_gin;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO app_read, app_write;

CREATE SCHEMA howdah;
GRANT USAGE ON SCHEMA howdah TO app_read, app_write;
-- Two statements of default privileges: nothing is executable by everybody, only by name.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

CREATE FUNCTION howdah.current_org_id() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.org_id', true), '')::integer;

CREATE FUNCTION howdah.current_user_id() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.user_id', true), '')::integer;

CREATE FUNCTION howdah.is_platform_admin() RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('app.platform_admin', true), '') = 'on';

-- The organization that the caller's token is narrowed to; NULL for one that reaches everything.
CREATE FUNCTION howdah.token_org_id() RETURNS integer
LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('app.token_org_id', true), '')::integer;

GRANT EXECUTE ON FUNCTION
    howdah.current_org_id(), howdah.current_user_id(), howdah.is_platform_admin(),
    howdah.token_org_id()
TO app_read, app_write;

-- migrate:down
DROP FUNCTION howdah.token_org_id();
DROP FUNCTION howdah.is_platform_admin();
DROP FUNCTION howdah.current_user_id();
DROP FUNCTION howdah.current_org_id();
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
DROP SCHEMA howdah;
REVOKE USAGE ON SCHEMA public FROM app_read, app_write;
GRANT USAGE ON SCHEMA public TO PUBLIC;
DROP EXTENSION pg_trgm;
DROP EXTENSION btree_gin;
