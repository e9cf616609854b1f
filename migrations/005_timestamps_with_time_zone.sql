-- Why: TIMESTAMP forgets which zone it was written in, so two servers can disagree about "now".
-- Online: with the session in UTC and no USING clause, PostgreSQL 12+ changes the type in the
-- catalog only; no table is rewritten and no index rebuilt.
-- lint: allow changing-column-type: timestamp and timestamptz are one format in UTC, see above
-- lint: allow several-tables-locked: three changes of the catalog, a millisecond each

-- migrate:up
SET LOCAL timezone = 'UTC';
ALTER TABLE users
    ALTER COLUMN created_at TYPE timestamptz,
    ALTER COLUMN updated_at TYPE timestamptz;
ALTER TABLE organizations
    ALTER COLUMN created_at TYPE timestamptz,
    ALTER COLUMN updated_at TYPE timestamptz;
ALTER TABLE documents
    ALTER COLUMN created_at TYPE timestamptz,
    ALTER COLUMN updated_at TYPE timestamptz;

-- migrate:down
SET LOCAL timezone = 'UTC';
ALTER TABLE documents
    ALTER COLUMN created_at TYPE timestamp,
    ALTER COLUMN updated_at TYPE timestamp;
ALTER TABLE organizations
    ALTER COLUMN created_at TYPE timestamp,
    ALTER COLUMN updated_at TYPE timestamp;
ALTER TABLE users
    ALTER COLUMN created_at TYPE timestamp,
    ALTER COLUMN updated_at TYPE timestamp;
