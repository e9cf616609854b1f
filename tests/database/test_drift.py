"""What somebody changed behind the migrations' back is found, and its mending mends it."""

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from howdah.entrypoints.cli import migrate_drift
from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_up
from howdah.operations.migrations.drift import Difference, Drift, find_drift
from howdah.operations.migrations.drift.differences import differences
from howdah.operations.migrations.drift.find import DriftUnknown
from howdah.operations.migrations.dump import dump_schema
from howdah.operations.roles.catalog import SUPERUSER
from howdah.operations.roles.connect import connect_directly
from tests.database.migration_files import three_tables, with_files

AUTHENTICATE = """
    SELECT replace(pg_get_functiondef(oid), 'BEGIN', 'BEGIN /* in a hurry */') FROM pg_proc
    WHERE oid = 'howdah.keep_updated_at'::regproc
"""
BY_HAND = {
    "unexpected TABLE public.notes": "CREATE TABLE notes (id serial PRIMARY KEY, x int UNIQUE)",
    "unexpected INDEX public.by_hand": "CREATE INDEX by_hand ON documents (created_at)",
    "unexpected TRIGGER public.users by_hand": "CREATE TRIGGER by_hand BEFORE INSERT ON users "
    "FOR EACH ROW EXECUTE FUNCTION howdah.keep_updated_at()",
    "unexpected POLICY public.users everybody": "CREATE POLICY everybody ON users USING (true)",
    "unexpected FUNCTION public.two(integer)": "CREATE FUNCTION two(int) RETURNS int "
    "LANGUAGE sql AS 'SELECT 2'",
    "unexpected VIEW public.all_users": "CREATE VIEW all_users AS SELECT id FROM users",
    "unexpected CONSTRAINT public.organizations organizations_name_key": "ALTER TABLE "
    "organizations ADD CONSTRAINT organizations_name_key UNIQUE (name)",
    "unexpected FK CONSTRAINT public.outbox by_hand": "ALTER TABLE outbox ADD CONSTRAINT by_hand "
    "FOREIGN KEY (id) REFERENCES documents (id)",
    "unexpected ROW SECURITY public.outbox": "ALTER TABLE outbox ENABLE ROW LEVEL SECURITY",
    "unexpected TYPE public.mood": "CREATE TYPE mood AS ENUM ('good', 'bad')",
    "unexpected SCHEMA private": "CREATE SCHEMA private",
    "unexpected COMMENT public.TABLE users": "COMMENT ON TABLE users IS 'somebody''s'",
    "unexpected EXTENSION citext": "CREATE EXTENSION citext",
    "unexpected DEFAULT ACL public.DEFAULT PRIVILEGES FOR FUNCTIONS": "ALTER DEFAULT PRIVILEGES "
    "FOR ROLE howdah_owner IN SCHEMA public GRANT EXECUTE ON FUNCTIONS TO app_read",
    "missing INDEX public.idx_documents_org_title": "DROP INDEX idx_documents_org_title",
    "missing POLICY public.jobs tenant": "DROP POLICY tenant ON jobs",
    "missing TRIGGER public.users keep_updated_at": "DROP TRIGGER keep_updated_at ON users",
    "missing ROW SECURITY public.jobs": "ALTER TABLE jobs DISABLE ROW LEVEL SECURITY",
    "missing FK CONSTRAINT public.jobs jobs_org_id_fkey": "ALTER TABLE jobs "
    "DROP CONSTRAINT jobs_org_id_fkey",
    "missing DEFAULT public.users id": "ALTER TABLE users ALTER id DROP DEFAULT",
    "missing TABLE public.heartbeats": "DROP TABLE heartbeats",
    "missing VIEW howdah.tenant_documents": "DROP VIEW howdah.tenant_documents CASCADE",
    "changed POLICY public.jobs tenant": "ALTER POLICY tenant ON jobs USING (true)",
    "changed TRIGGER public.users keep_updated_at": "ALTER TABLE users "
    "DISABLE TRIGGER keep_updated_at",
    "changed ACL public.TABLE users": "GRANT SELECT ON users TO app_read",
    "changed ACL public.TABLE documents": "REVOKE DELETE ON documents FROM app_write",
    "changed SEQUENCE public.users_id_seq": "ALTER SEQUENCE users_id_seq INCREMENT BY 10",
    "changed INDEX public.idx_users_role": "DROP INDEX idx_users_role; "
    "CREATE INDEX idx_users_role ON users (role, id)",
    "changed FUNCTION howdah.keep_updated_at()": "hurried",
}
TABLES = [
    "ALTER TABLE documents ADD approved boolean",
    "ALTER TABLE documents DROP CONSTRAINT documents_source_path_check",
    "ALTER TABLE documents ALTER source_hash TYPE text USING encode(source_hash, 'hex')",
    "ALTER TABLE documents ALTER title DROP NOT NULL",
    "ALTER TABLE documents ALTER updated_by SET NOT NULL",
    "ALTER TABLE documents ALTER language SET DEFAULT 'german'",
    "ALTER TABLE documents ALTER source_path SET DEFAULT 'a, b'",
    "ALTER TABLE documents ALTER revision DROP DEFAULT",
    "ALTER TABLE documents ADD CONSTRAINT by_hand CHECK (title <> 'a, b')",
    "ALTER TABLE documents ALTER search_vector SET STORAGE EXTENDED",
    "ALTER TABLE documents OWNER TO postgres",
    "ALTER TABLE documents DROP COLUMN source_hash",
    'ALTER TABLE documents ADD "of, by" numeric(10,2) DEFAULT 1.5 NOT NULL',
]


def execute(target: Settings, *statements: str) -> None:
    with connect_directly(target, SUPERUSER) as connection:
        for statement in statements:
            connection.execute(statement.encode())


def mend(target: Settings, found: list[Difference]) -> None:
    execute(target, *(line for one in found for line in one.mend))


@pytest.fixture(scope="module")
def expected(template: Settings) -> str:
    """The schema that the migrations make."""
    return dump_schema(template)


@pytest.fixture
def drifting(fresh_database: Settings) -> Settings:
    """A database for changing by hand; what a test leaves unmended goes with it."""
    return fresh_database


def test_a_schema_that_only_migrations_changed_has_not_drifted(drifting: Settings) -> None:
    found = find_drift(drifting)
    assert found.differences == ()
    assert found.version == sorted(drifting.migrations.glob("0*.sql"))[-1].name[:3]


@pytest.mark.parametrize("title", BY_HAND)
def test_a_change_by_hand_is_named_and_its_mending_mends_it(
    drifting: Settings, expected: str, title: str
) -> None:
    statement = BY_HAND[title]
    if statement == "hurried":
        with connect_directly(drifting, SUPERUSER) as connection:
            (statement,) = connection.execute(AUTHENTICATE).fetchone() or ("",)
    execute(drifting, statement)
    found = differences(expected, dump_schema(drifting))
    titles = [f"{one.state} {one.object}" for one in found]
    assert title in titles
    name = title.rsplit(maxsplit=1)[-1].rpartition(".")[2]
    assert [other for other in titles if name not in other] == []
    mend(drifting, found)
    assert differences(expected, dump_schema(drifting)) == []


@pytest.mark.parametrize("statement", TABLES)
def test_a_change_of_a_table_is_mended_without_making_it_anew(
    drifting: Settings, expected: str, statement: str
) -> None:
    execute(drifting, statement)
    found = differences(expected, dump_schema(drifting))
    assert "changed TABLE public.documents" in [f"{one.state} {one.object}" for one in found]
    assert not [line for one in found for line in one.mend if "DROP TABLE" in line]
    mend(drifting, found)
    assert differences(expected, dump_schema(drifting)) == []


def test_everything_at_once_is_mended_in_a_working_order(drifting: Settings, expected: str) -> None:
    chosen = [text for title, text in BY_HAND.items() if title.startswith("unexpected")]
    execute(drifting, *chosen, *TABLES[:6])
    found = differences(expected, dump_schema(drifting))
    assert len(found) > len(chosen)
    mend(drifting, found)
    assert differences(expected, dump_schema(drifting)) == []


def test_an_earlier_version_is_compared_with_its_own_schema(empty_database: Settings) -> None:
    migrate_up(empty_database, "020")
    assert find_drift(empty_database) == Drift("020", ())


def test_what_cannot_be_compared_is_not_called_equal(
    empty_database: Settings, tmp_path: Path
) -> None:
    target = with_files(empty_database, tmp_path, **three_tables())
    with pytest.raises(DriftUnknown, match="No migration has run"):
        find_drift(target)
    migrate_up(target)
    (target.migrations / "003_step.sql").write_text(
        "-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;"
    )
    with pytest.raises(DriftUnknown, match="not what this database has run: 003_step"):
        find_drift(target)
    (target.migrations / "003_step.sql").unlink()
    with pytest.raises(DriftUnknown, match="003"):
        find_drift(target)


def typed(target: Settings, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.setattr(migrate_drift, "load_settings", lambda: target)
    command: click.Command = migrate_drift.drift
    return CliRunner().invoke(command, words, standalone_mode=False, catch_exceptions=False)


def test_the_command_prints_what_would_mend_it_and_fails(
    drifting: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert typed(drifting, monkeypatch).return_value == 0
    execute(drifting, "CREATE INDEX by_hand ON documents (created_at)")
    shown = typed(drifting, monkeypatch)
    assert shown.return_value == 1
    assert "-- unexpected INDEX public.by_hand\n" in shown.output
    assert "DROP INDEX CONCURRENTLY public.by_hand;\n" in shown.output
    assert "-- Who did it cannot be said" in shown.output  # a single server has no pgAudit
    printed = json.loads(typed(drifting, monkeypatch, "--json").output)
    assert printed["differences"][0]["object"] == "INDEX public.by_hand"
