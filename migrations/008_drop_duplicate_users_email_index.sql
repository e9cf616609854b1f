-- Why: UNIQUE (email) already is an index; a second one costs every insert and serves nothing.

-- migrate:up transaction:false
DROP INDEX CONCURRENTLY IF EXISTS idx_users_email;

-- migrate:down transaction:false
CREATE INDEX CONCURRENTLY IF NOT EXISTS idx_users_email ON users(email);
