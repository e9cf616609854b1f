-- Why: a client that never saw the answer sends the request again. The key, bound to the user and
-- the organization, is written in the same transaction as the work, with the answer; a second
-- request with it gets that answer. The fingerprint refuses one key for two different requests.
-- lint: allow tenant-table-without-policy: 033 closes it, before 034 grants anything

-- migrate:up
CREATE TABLE idempotency_keys (
    user_id     integer NOT NULL REFERENCES users(id) ON DELETE CASCADE,
    key         text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    org_id      integer REFERENCES organizations(id) ON DELETE CASCADE,
    fingerprint bytea NOT NULL CHECK (octet_length(fingerprint) = 32),
    status      integer,
    headers     jsonb,
    body        text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (user_id, key)
);
CREATE INDEX idx_idempotency_keys_created ON idempotency_keys(created_at);
CREATE INDEX idx_idempotency_keys_org ON idempotency_keys(org_id) WHERE org_id IS NOT NULL;

-- migrate:down
DROP TABLE idempotency_keys;
