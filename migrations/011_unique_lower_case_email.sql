-- Why: Ann@example.com and ann@example.com are one mailbox; two accounts for it are a takeover.
-- Sign-in looks up lower(email), so this index serves it too.

-- migrate:up transaction:false
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS users_lower_email_key ON users(lower(email));

-- migrate:down transaction:false
DROP INDEX CONCURRENTLY IF EXISTS users_lower_email_key;
