-- Documents with their tags, as the architecture document writes them.
-- lint: allow prefer-identity, prefer-timestamp-tz: as the architecture document
--   writes it; 005 mends the timestamps
-- lint: allow tenant-table-without-policy: 033 closes it, before 034 grants anything

-- migrate:up
CREATE TABLE documents (
    id SERIAL PRIMARY KEY,
    title VARCHAR(500) NOT NULL,
    content TEXT NOT NULL,
    author_id INTEGER REFERENCES users(id),
    org_id INTEGER REFERENCES organizations(id),
    tags TEXT[],
    created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
    updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP
);

-- Array search index for tags
CREATE INDEX idx_documents_tags ON documents USING GIN(tags);

-- migrate:down
DROP TABLE documents;
