-- Why: the words of an organization, as written, for spelling suggestions (stems fail on
-- transpositions); what was searched for, a counter per day and query; a daily report per
-- organization; and words that mean the same although their stems differ (postgres, postgresql).
-- lint: allow tenant-table-without-policy: 033 closes it, before 034 grants anything

-- migrate:up
CREATE TABLE search_words (
    org_id    integer NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
    word      text NOT NULL,
    documents integer NOT NULL,
    PRIMARY KEY (org_id, word)
);
CREATE INDEX idx_search_words_trigrams ON search_words USING GIN(org_id, word gin_trgm_ops);

CREATE TABLE search_counts (
    org_id   integer NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
    day      date NOT NULL,
    query    text NOT NULL CHECK (length(query) <= 200),
    searches integer NOT NULL DEFAULT 0,
    hits     integer NOT NULL DEFAULT 0,
    PRIMARY KEY (org_id, day, query)
);

CREATE TABLE daily_insights (
    org_id     integer NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
    day        date NOT NULL,
    report     jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (org_id, day)
);

CREATE TABLE search_synonyms (
    target     tsquery PRIMARY KEY,
    substitute tsquery NOT NULL
);
INSERT INTO search_synonyms (target, substitute) VALUES
    ('''postgr''',     '''postgr'' | ''postgresql'''),
    ('''postgresql''', '''postgr'' | ''postgresql'''),
    ('''kubernet''',   '''kubernet'' | ''k8s'''),
    ('''k8s''',        '''kubernet'' | ''k8s''');

-- migrate:down
DROP TABLE search_synonyms;
DROP TABLE daily_insights;
DROP TABLE search_counts;
DROP TABLE search_words;
