-- Why: the architecture's grants, made complete (schema usage, sequences, tables to come) and
-- minimal: analytics never reads a password or token hash, and the application does not rewrite
-- history. Tables to come are granted to app_write by default and to app_read by name only.

-- migrate:up
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO app_write;
ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO app_write;

GRANT SELECT, INSERT, UPDATE, DELETE ON
    documents, memberships, invitations, sessions, api_tokens, jobs, job_files,
    idempotency_keys, search_words, search_counts, daily_insights, heartbeats, cron_runs
TO app_write;
GRANT SELECT, UPDATE, DELETE ON users TO app_write;
GRANT SELECT, UPDATE ON organizations TO app_write;
GRANT SELECT ON document_revisions, search_synonyms, schema_migrations TO app_write;
GRANT INSERT ON outbox TO app_write;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app_write;

GRANT SELECT ON
    organizations, documents, document_revisions, memberships, jobs, search_counts,
    daily_insights, heartbeats, cron_runs, schema_migrations
TO app_read;
GRANT SELECT (id, full_name, role, created_at, updated_at, metadata, disabled_at)
    ON users TO app_read;

-- migrate:down
REVOKE SELECT (id, full_name, role, created_at, updated_at, metadata, disabled_at)
    ON users FROM app_read;
REVOKE ALL ON ALL TABLES IN SCHEMA public FROM app_read, app_write;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM app_write;
ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE USAGE ON SEQUENCES FROM app_write;
ALTER DEFAULT PRIVILEGES IN SCHEMA public
    REVOKE SELECT, INSERT, UPDATE, DELETE ON TABLES FROM app_write;
