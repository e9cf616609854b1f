"""A masked copy tells nothing of anybody, and behaves like the original."""

from collections.abc import Iterator

import pytest

from howdah.foundation.errors import InvalidInput
from howdah.foundation.processes.run import run
from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_up
from howdah.operations.migrations.dump import PG_DUMP, address, credentials
from howdah.operations.migrations.masking import mask
from howdah.operations.migrations.masking.rules import HARMLESS, RULES
from howdah.operations.migrations.scratch import scratch_database
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import Connection, connect_directly

TEXT_COLUMNS = """
    SELECT nspname || '.' || relname || '.' || attname
    FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
    JOIN pg_namespace AS n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p') AND nspname IN ('public', 'howdah')
        AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
        AND format_type(atttypid, NULL) IN (
            'text', 'text[]', 'character varying', 'jsonb', 'bytea', 'tsquery')
"""
PERSONAL = "Ottokar Zebulon"
ROWS = f"""
INSERT INTO users (email, full_name, password_hash, metadata)
VALUES ('ottokar@zebulon.example', '{PERSONAL}', 'verifier', '{{"city": "Zebulon"}}');
INSERT INTO organizations (name, slug, settings)
VALUES ('Zebulon works', 'zebulon', '{{"owner": "Zebulon"}}');
INSERT INTO memberships (org_id, user_id, role)
SELECT o.id, u.id, 'owner' FROM users u, organizations o;
INSERT INTO documents (title, content, author_id, org_id, tags, source_path)
SELECT 'Zebulon''s plan', 'The plan of zebulon, and the plan of plans.', u.id, o.id,
    '{{zebulon}}', 'zebulon/plan.md' FROM users u, organizations o;
UPDATE documents SET content = content || ' Zebulon.';
INSERT INTO invitations (org_id, email, role, token_hash, expires_at)
SELECT id, 'guest@zebulon.example', 'viewer', sha256('zebulon'), now() FROM organizations;
INSERT INTO search_words (org_id, word, documents) SELECT id, 'zebulon', 1 FROM organizations;
INSERT INTO search_counts (org_id, day, query) SELECT id, now(), 'zebulon' FROM organizations;
INSERT INTO daily_insights (org_id, day, report)
SELECT id, now(), '{{"top": "zebulon"}}' FROM organizations;
"""


@pytest.fixture
def masked(settings: Settings) -> Iterator[Settings]:
    with scratch_database(settings) as target:
        migrate_up(target)
        with connect_directly(target, SUPERUSER) as connection:
            connection.execute(ROWS.encode())
        mask(target)
        yield target


def test_of_every_column_of_text_it_is_decided_whether_it_is_masked(owner: Connection) -> None:
    there = {name for (name,) in owner.execute(TEXT_COLUMNS).fetchall()}
    ruled = {f"{table}.{column}" for table, columns in RULES.items() for column in columns}
    assert there - ruled == HARMLESS
    assert ruled <= there


def test_nothing_personal_is_left_in_any_table_or_index(masked: Settings) -> None:
    dumped = run([PG_DUMP, "--data-only", *address(masked)], env=credentials(masked))
    assert "zebulon" not in dumped.lower()
    assert "ottokar" not in dumped.lower()
    assert "verifier" not in dumped
    with connect_directly(masked, SUPERUSER) as connection:
        found = connection.execute("SELECT search_vector::text FROM documents").fetchall()
        assert "zebulon" not in str(found)


def test_text_keeps_its_length_and_words_that_repeat_still_repeat(masked: Settings) -> None:
    with connect_directly(masked, SUPERUSER) as connection:
        row = connection.execute("SELECT content, search_vector FROM documents").fetchone()
    assert row is not None
    content, vector = row
    assert len(content) == len("The plan of zebulon, and the plan of plans. Zebulon.")
    words = content.split()
    assert words[0] == words[5]
    assert words[1] == words[6]
    assert vector


def test_history_is_masked_and_masking_writes_none(masked: Settings) -> None:
    with connect_directly(masked, SUPERUSER) as connection:
        rows = connection.execute("SELECT title, content FROM document_revisions").fetchall()
    assert len(rows) == 1
    assert "Zebulon" not in str(rows)


def test_an_earlier_schema_is_masked_as_far_as_it_goes(settings: Settings) -> None:
    with scratch_database(settings) as target:
        migrate_up(target, "004")
        assert set(mask(target)) == {"public.users", "public.organizations", "public.documents"}


def test_a_database_that_is_no_copy_is_never_masked(fresh_database: Settings) -> None:
    with pytest.raises(InvalidInput, match="no copy"):
        mask(fresh_database)
