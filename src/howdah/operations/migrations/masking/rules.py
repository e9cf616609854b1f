"""The declared rules: what each column of personal data becomes. Pure data.

An expression sees the row as it was. Text keeps its shape (length, words that repeat), so that a
table and its indexes stay as large and as slow as they were.
"""

from collections.abc import Mapping
from types import MappingProxyType

WORDS = """
    (SELECT string_agg(CASE WHEN word ~ '\\w' THEN left(translate(
                repeat(md5(current_setting('howdah.mask') || lower(word)), 1 + length(word) / 32),
                '0123456789', 'ghijklmnop'), length(word)) ELSE word END, '' ORDER BY place)
     FROM regexp_matches({}, '\\w+|\\W+', 'g') WITH ORDINALITY AS every(found, place)
     CROSS JOIN LATERAL (SELECT found[1] AS word) AS one)
"""
"""Each word by another of the same length, the same word by the same; the key is thrown away."""
EMPTY_JSON = "'{}'::jsonb"
NOBODYS_HASH = "sha256(gen_random_uuid()::text::bytea)"
"""A hash that no credential has, so that nobody can sign in to the copy."""

RULES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "public.users": {
            "email": "'user' || id || '@masked.invalid'",
            "full_name": "'User ' || id",
            "password_hash": "'masked'",
            "metadata": EMPTY_JSON,
        },
        "public.organizations": {
            "name": "'Organization ' || id",
            "slug": "'organization-' || id",
            "settings": EMPTY_JSON,
        },
        "public.documents": {
            "title": "coalesce(" + WORDS.format("title") + ", '')",
            "content": "coalesce(" + WORDS.format("content") + ", '')",
            "tags": "ARRAY(SELECT left(md5(current_setting('howdah.mask') || tag), 8) "
            "FROM unnest(tags) AS tag)",
            "source_path": "'masked/' || id",
        },
        "public.document_revisions": {
            "title": "coalesce(" + WORDS.format("title") + ", '')",
            "content": "coalesce(" + WORDS.format("content") + ", '')",
            "tags": "ARRAY(SELECT left(md5(current_setting('howdah.mask') || tag), 8) "
            "FROM unnest(tags) AS tag)",
        },
        "public.invitations": {
            "email": "'invitation' || id || '@masked.invalid'",
            "token_hash": NOBODYS_HASH,
        },
        "public.sessions": {"token_hash": NOBODYS_HASH, "user_agent": "'masked'"},
        "public.api_tokens": {"token_hash": NOBODYS_HASH, "name": "'token ' || id"},
        "public.jobs": {
            "parameters": EMPTY_JSON,
            "result": EMPTY_JSON,
            "error": "left(md5(error), 8)",
        },
        "public.job_files": {"data": "'\\x00'::bytea"},
        "public.outbox": {"arguments": EMPTY_JSON},
        "public.idempotency_keys": {
            "key": "md5(current_setting('howdah.mask') || key)",
            "headers": EMPTY_JSON,
            "body": "'{}'",
        },
        "public.search_words": {"word": "md5(current_setting('howdah.mask') || word)"},
        "public.search_counts": {"query": "md5(current_setting('howdah.mask') || query)"},
        "public.daily_insights": {"report": EMPTY_JSON},
    }
)
"""Table → column → what it becomes."""

AFTERWARDS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {"public.documents": {"search_vector": "howdah.document_vector(language, title, content)"}}
)
"""What is made of masked columns, and so still says what was in them. Generated ones follow."""

HARMLESS = frozenset(
    {
        "public.api_tokens.scopes",
        "public.cron_runs.job",
        "public.document_languages.language",
        "public.document_revisions.language",
        "public.documents.language",
        "public.documents.source_hash",
        "public.heartbeats.source",
        "public.idempotency_keys.fingerprint",
        "public.invitations.role",
        "public.jobs.kind",
        "public.jobs.state",
        "public.memberships.role",
        "public.outbox.queue",
        "public.outbox.task",
        "public.schema_migrations.version",
        "public.search_synonyms.substitute",
        "public.search_synonyms.target",
        "public.users.role",
    }
)
"""Columns of text that say nothing of a person; a test refuses one that is in neither list."""
