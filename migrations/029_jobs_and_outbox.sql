-- Why: a job is a row, written in the same transaction as what it is about, and so is the message
-- that starts it. The relay hands messages to the queue after the commit, at least once; the row's
-- state makes running it twice harmless. Losing Redis loses nothing.
-- lint: allow tenant-table-without-policy: 033 closes it, before 034 grants anything

-- migrate:up
CREATE TABLE jobs (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    org_id         integer NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
    kind           text NOT NULL CHECK (kind IN ('import', 'export')),
    state          text NOT NULL DEFAULT 'queued'
                   CHECK (state IN ('queued', 'running', 'succeeded', 'failed')),
    parameters     jsonb NOT NULL DEFAULT '{}',
    progress_done  integer NOT NULL DEFAULT 0,
    progress_total integer,
    result         jsonb,
    error          text,
    attempts       integer NOT NULL DEFAULT 0,
    created_by     integer NOT NULL REFERENCES users(id),
    created_at     timestamptz NOT NULL DEFAULT now(),
    started_at     timestamptz,
    beaten_at      timestamptz,
    finished_at    timestamptz
);
CREATE INDEX idx_jobs_org_created ON jobs(org_id, created_at DESC, id DESC);
CREATE INDEX idx_jobs_unfinished ON jobs(coalesce(beaten_at, created_at))
    WHERE state IN ('queued', 'running');
CREATE INDEX idx_jobs_created_by ON jobs(created_by);

-- Files that a job reads or has made, in pieces, so that no host needs another's disk.
CREATE TABLE job_files (
    job_id     uuid NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
    org_id     integer NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
    piece      integer NOT NULL,
    data       bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (job_id, piece)
);
ALTER TABLE job_files ALTER COLUMN data SET STORAGE EXTERNAL;  -- archives are compressed already
CREATE INDEX idx_job_files_org ON job_files(org_id);

CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL DEFAULT gen_random_uuid(),
    queue      text NOT NULL DEFAULT 'default',
    task       text NOT NULL,
    arguments  jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    relayed_at timestamptz
);
CREATE INDEX idx_outbox_waiting ON outbox(id) WHERE relayed_at IS NULL;
CREATE INDEX idx_outbox_relayed ON outbox(relayed_at) WHERE relayed_at IS NOT NULL;

-- migrate:down
DROP TABLE outbox;
DROP TABLE job_files;
DROP TABLE jobs;
