-- A row at least in every table that 012 to 032 brought.
INSERT INTO memberships (org_id, user_id, role) SELECT 1, id, 'editor' FROM users;
INSERT INTO invitations (org_id, email, role, token_hash, invited_by, expires_at)
VALUES (1, 'guest@example.com', 'viewer', sha256('invitation'), 1, '2030-01-01');
INSERT INTO sessions (user_id, token_hash, expires_at) VALUES (1, sha256('session'), '2030-01-01');
INSERT INTO api_tokens (user_id, org_id, name, token_hash, scopes)
VALUES (1, 1, 'importer', sha256('token'), '{read,write}');
UPDATE documents SET title = 'Renamed', updated_by = 2 WHERE id <= 10;
INSERT INTO jobs (org_id, kind, state, created_by) VALUES (1, 'export', 'succeeded', 1);
INSERT INTO job_files (job_id, org_id, piece, data) SELECT id, 1, 0, '\x00ff' FROM jobs;
INSERT INTO outbox (task, arguments) VALUES ('search.refresh_words', '{"org_id": 1}');
INSERT INTO idempotency_keys (user_id, key, org_id, fingerprint, status, headers, body)
VALUES (1, 'k', 1, sha256('request'), 201, '{}', '{}');
INSERT INTO heartbeats (source) VALUES ('scheduler');
INSERT INTO cron_runs (job, scheduled_for) VALUES ('daily report', '2026-01-01');
INSERT INTO search_words (org_id, word, documents) VALUES (1, 'database', 1490);
INSERT INTO search_counts (org_id, day, query, searches, hits) VALUES (1, '2026-01-01', 'x', 2, 3);
INSERT INTO daily_insights (org_id, day, report) VALUES (1, '2026-01-01', '{}');
