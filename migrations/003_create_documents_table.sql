-- Documents with their tags, as the architecture document writes them.

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
