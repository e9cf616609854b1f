-- Rows as the first release wrote them. More than one batch of documents (017), some without tags.
INSERT INTO users (email, full_name, password_hash, metadata)
SELECT 'user' || n || '@example.com', 'User ' || n, 'x', '{"notifications": {"email": true}}'
FROM generate_series(1, 3) AS n;
INSERT INTO organizations (name, slug, settings) VALUES ('Acme', 'acme', '{}');
INSERT INTO documents (title, content, author_id, org_id, tags)
SELECT 'The database ' || n, 'About postgres.', 1, 1, CASE n % 2 WHEN 0 THEN ARRAY['a', 'b'] END
FROM generate_series(1, 1500) AS n;
