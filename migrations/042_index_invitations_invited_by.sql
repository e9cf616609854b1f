-- Why: the foreign key to users, as in 041.

-- migrate:up transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_invitations_invited_by
    ON invitations(invited_by) WHERE invited_by IS NOT NULL;

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_invitations_invited_by;
