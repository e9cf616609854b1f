-- Why: a heartbeat row gives the WAL something to archive when nobody works, and its age measures
-- replication lag. cron_runs remembers every scheduled run: its key makes a second scheduler, or a
-- restarted one, unable to run the same moment twice, and what was missed can be seen.

-- migrate:up
CREATE TABLE heartbeats (
    source    text PRIMARY KEY,
    beaten_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

CREATE TABLE cron_runs (
    job           text NOT NULL,
    scheduled_for timestamptz NOT NULL,
    enqueued_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (job, scheduled_for)
);
CREATE INDEX idx_cron_runs_enqueued ON cron_runs(enqueued_at);

-- migrate:down
DROP TABLE cron_runs;
DROP TABLE heartbeats;
