-- Why: every query carries org_id; this enforces it a second time, below the query, for the
-- application's role. A transaction without a tenant sees and changes nothing.
-- app_read serves internal analytics over all tenants; what it may read is limited by column.

-- migrate:up
-- What howdah.current_org_id() says, written out: inlining a function takes the planner about 10 µs
-- for each statement, and nothing is prepared.
ALTER TABLE documents ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON documents TO app_write
    USING (org_id = nullif(current_setting('app.org_id', true), '')::integer);
CREATE POLICY analytics ON documents FOR SELECT TO app_read USING (true);

-- lint: allow several-tables-locked: changes of the catalog, a millisecond each; taken together
--   so that no moment shows half of the policies
ALTER TABLE document_revisions ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON document_revisions TO app_write
    USING (org_id = nullif(current_setting('app.org_id', true), '')::integer);
CREATE POLICY analytics ON document_revisions FOR SELECT TO app_read USING (true);

ALTER TABLE jobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON jobs TO app_write USING (org_id = howdah.current_org_id());
CREATE POLICY analytics ON jobs FOR SELECT TO app_read USING (true);

ALTER TABLE job_files ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON job_files TO app_write USING (org_id = howdah.current_org_id());

ALTER TABLE search_words ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON search_words TO app_write USING (org_id = howdah.current_org_id());

ALTER TABLE search_counts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON search_counts TO app_write USING (org_id = howdah.current_org_id());
CREATE POLICY analytics ON search_counts FOR SELECT TO app_read USING (true);

ALTER TABLE daily_insights ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON daily_insights TO app_write USING (org_id = howdah.current_org_id());
CREATE POLICY analytics ON daily_insights FOR SELECT TO app_read USING (true);

ALTER TABLE invitations ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON invitations TO app_write USING (org_id = howdah.current_org_id());

-- A membership is seen by the organization it belongs to and by the member.
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON memberships TO app_write
    USING (org_id = howdah.current_org_id() OR user_id = howdah.current_user_id())
    WITH CHECK (org_id = howdah.current_org_id());
CREATE POLICY analytics ON memberships FOR SELECT TO app_read USING (true);

-- An organization is seen by its members, and changed only while bound to it. The application
-- marks it as deleted; howdah.purge_organization (038) removes it.
ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
CREATE POLICY member ON organizations FOR SELECT TO app_write
    USING (id = howdah.current_org_id()
           OR EXISTS (SELECT FROM memberships m
                      WHERE m.org_id = organizations.id
                        AND m.user_id = howdah.current_user_id()));
CREATE POLICY tenant ON organizations FOR UPDATE TO app_write
    USING (id = howdah.current_org_id());
CREATE POLICY analytics ON organizations FOR SELECT TO app_read USING (true);

-- A user is seen by themself, by the organization they are bound through, and by the people who
-- run the installation; changed by themself and by those people.
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON users FOR SELECT TO app_write
    USING (id = howdah.current_user_id()
           OR howdah.is_platform_admin()
           OR EXISTS (SELECT FROM memberships m
                      WHERE m.user_id = users.id AND m.org_id = howdah.current_org_id()));
CREATE POLICY changed ON users FOR UPDATE TO app_write
    USING (id = howdah.current_user_id() OR howdah.is_platform_admin());
CREATE POLICY removed ON users FOR DELETE TO app_write
    USING (howdah.is_platform_admin());
CREATE POLICY analytics ON users FOR SELECT TO app_read USING (true);

ALTER TABLE sessions ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON sessions TO app_write USING (user_id = howdah.current_user_id());
ALTER TABLE api_tokens ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON api_tokens TO app_write USING (user_id = howdah.current_user_id());
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON idempotency_keys TO app_write USING (user_id = howdah.current_user_id());

-- migrate:down
DROP POLICY own ON idempotency_keys;
ALTER TABLE idempotency_keys DISABLE ROW LEVEL SECURITY;
DROP POLICY own ON api_tokens;
ALTER TABLE api_tokens DISABLE ROW LEVEL SECURITY;
DROP POLICY own ON sessions;
ALTER TABLE sessions DISABLE ROW LEVEL SECURITY;
DROP POLICY analytics ON users;
DROP POLICY removed ON users;
DROP POLICY changed ON users;
DROP POLICY seen ON users;
ALTER TABLE users DISABLE ROW LEVEL SECURITY;
DROP POLICY analytics ON organizations;
DROP POLICY tenant ON organizations;
DROP POLICY member ON organizations;
ALTER TABLE organizations DISABLE ROW LEVEL SECURITY;
DROP POLICY analytics ON memberships;
DROP POLICY tenant ON memberships;
ALTER TABLE memberships DISABLE ROW LEVEL SECURITY;
DROP POLICY tenant ON invitations;
ALTER TABLE invitations DISABLE ROW LEVEL SECURITY;
DROP POLICY analytics ON daily_insights;
DROP POLICY tenant ON daily_insights;
ALTER TABLE daily_insights DISABLE ROW LEVEL SECURITY;
DROP POLICY analytics ON search_counts;
DROP POLICY tenant ON search_counts;
ALTER TABLE search_counts DISABLE ROW LEVEL SECURITY;
DROP POLICY tenant ON search_words;
ALTER TABLE search_words DISABLE ROW LEVEL SECURITY;
DROP POLICY tenant ON job_files;
ALTER TABLE job_files DISABLE ROW LEVEL SECURITY;
DROP POLICY analytics ON jobs;
DROP POLICY tenant ON jobs;
ALTER TABLE jobs DISABLE ROW LEVEL SECURITY;
DROP POLICY analytics ON document_revisions;
DROP POLICY tenant ON document_revisions;
ALTER TABLE document_revisions DISABLE ROW LEVEL SECURITY;
DROP POLICY analytics ON documents;
DROP POLICY tenant ON documents;
ALTER TABLE documents DISABLE ROW LEVEL SECURITY;
