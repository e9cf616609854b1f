-- Why: users were not tied to organizations. A membership is a user in an organization with one
-- role there; an invitation becomes one. users.role stays what it was: 'user', or 'admin' for the
-- people who run the whole installation. Users can be disabled without losing what they wrote.
-- A deleted organization is out of reach at once and can be restored until it is purged (038): its
-- documents may be many, and one statement over all of them would hold locks for minutes.
-- lint: allow tenant-table-without-policy: 033 closes it, before 034 grants anything

-- migrate:up
ALTER TABLE users ADD COLUMN disabled_at timestamptz;
-- lint: allow several-tables-locked: two changes of the catalog, a millisecond each
ALTER TABLE organizations ADD COLUMN deleted_at timestamptz;

CREATE TABLE memberships (
    org_id     integer NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
    user_id    integer NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    role       text NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'viewer')),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, user_id)
);
CREATE INDEX idx_memberships_user ON memberships(user_id);
CREATE TRIGGER keep_updated_at BEFORE UPDATE ON memberships
    FOR EACH ROW EXECUTE FUNCTION howdah.keep_updated_at();

CREATE TABLE invitations (
    id          integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    org_id      integer NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
    email       varchar(255) NOT NULL,
    role        text NOT NULL CHECK (role IN ('owner', 'admin', 'editor', 'viewer')),
    token_hash  bytea NOT NULL UNIQUE CHECK (octet_length(token_hash) = 32),
    invited_by  integer REFERENCES users(id) ON DELETE SET NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    expires_at  timestamptz NOT NULL,
    accepted_at timestamptz
);
-- One open invitation per address and organization.
CREATE UNIQUE INDEX invitations_open_key ON invitations(org_id, lower(email))
    WHERE accepted_at IS NULL;

-- migrate:down
DROP TABLE invitations;
DROP TABLE memberships;
ALTER TABLE organizations DROP COLUMN deleted_at;
ALTER TABLE users DROP COLUMN disabled_at;
