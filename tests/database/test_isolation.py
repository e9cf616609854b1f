"""Tenants kept apart below the queries: directly in SQL, as the application's role.

Every table, view and SECURITY DEFINER function there is must be known here: a new one fails until
somebody has said how a row of it is made, or why it is safe.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from psycopg import sql

from howdah.operations.roles.catalog import OWNER, WRITER
from howdah.operations.roles.connect import Connection
from tests.database.conftest import ActingAs

SECRET = "xyzzysecret"
"""Stands in every row of the other tenant."""

OF_NO_TENANT = {
    "cron_runs": "which scheduled job ran when",
    "heartbeats": "that the database is written to",
    "outbox": "messages for the queue: the application's role may add some, and read none",
    "schema_migrations": "what was migrated",
    "search_synonyms": "words of languages",
}
"""Tables without row-level security, and what they hold."""

BY_USER = {"sessions", "api_tokens", "idempotency_keys"}
"""Tables whose rows belong to a user, wherever that user is a member."""

SEEDS = {
    "organizations": "UPDATE organizations SET name = %(text)s WHERE id = %(org)s",
    "users": "UPDATE users SET full_name = %(text)s WHERE id = %(user)s",
    "memberships": """
        INSERT INTO memberships (org_id, user_id, role) VALUES (%(org)s, %(user)s, 'owner')""",
    "documents": """
        INSERT INTO documents (org_id, author_id, title, content, tags)
        VALUES (%(org)s, %(user)s, %(text)s::text, %(text)s::text, ARRAY[%(text)s::text])""",
    "document_revisions": """
        UPDATE documents SET content = content || ' ' || %(text)s WHERE org_id = %(org)s""",
    "document_languages": "SELECT",  # written by the documents' trigger
    "invitations": """
        INSERT INTO invitations (org_id, email, role, token_hash, expires_at)
        VALUES (%(org)s, %(text)s::text, 'viewer', sha256(%(text)s::text::bytea),
                now() + interval '1 day')""",
    "jobs": """
        INSERT INTO jobs (org_id, kind, parameters, created_by)
        VALUES (%(org)s, 'import', jsonb_build_object('file', %(text)s::text), %(user)s)""",
    "job_files": """
        INSERT INTO job_files (job_id, org_id, piece, data)
        SELECT id, org_id, 0, %(text)s::text::bytea FROM jobs WHERE org_id = %(org)s""",
    "search_words": "INSERT INTO search_words VALUES (%(org)s, %(text)s, 1)",
    "search_counts": """
        INSERT INTO search_counts (org_id, day, query) VALUES (%(org)s, now(), %(text)s)""",
    "daily_insights": """
        INSERT INTO daily_insights (org_id, day, report)
        VALUES (%(org)s, now(), jsonb_build_object('top', %(text)s::text))""",
    "sessions": """
        INSERT INTO sessions (user_id, token_hash, expires_at, user_agent)
        VALUES (%(user)s, sha256('s' || %(text)s::text::bytea), now() + interval '1 day',
                %(text)s::text)""",
    "api_tokens": """
        INSERT INTO api_tokens (user_id, org_id, name, token_hash, scopes)
        VALUES (%(user)s, %(org)s, %(text)s::text, sha256('t' || %(text)s::text::bytea),
                '{read}')""",
    "idempotency_keys": """
        INSERT INTO idempotency_keys (user_id, org_id, key, fingerprint)
        VALUES (%(user)s, %(org)s, %(text)s::text, sha256('k'))""",
}
"""Table → how a row of a tenant is made, in an order that foreign keys allow."""

TENANT, CREDENTIAL, CALLER, BACKGROUND = "tenant", "credential", "caller", "background"
REVIEWED = {
    "search_query": (TENANT, "the languages of the bound organization"),
    "search_documents": (TENANT, "documents of the bound organization, else HW404"),
    "refresh_search_words": (TENANT, "words of the bound organization, else HW404"),
    "suggest_words": (TENANT, "words of the bound organization"),
    "found_organization": (CALLER, "makes an organization for the bound user, else HW401"),
    "restore_organization": (CALLER, "asks for the bound user's ownership"),
    "end_sessions": (CALLER, "asks for a platform admin"),
    "remove_user": (CALLER, "asks for a platform admin"),
    "authenticate": (CREDENTIAL, "answers to a token's hash"),
    "authorize": (CREDENTIAL, "answers to a token's hash and a membership"),
    "refuse": (CREDENTIAL, "says why authorize() refused; always raises"),
    "touch_credential": (CREDENTIAL, "a token's hash; answers nothing"),
    "invitation": (CREDENTIAL, "answers to an invitation's hash"),
    "accept_invitation": (CREDENTIAL, "an invitation's hash and the user it is for"),
    "sign_in_candidate": (CREDENTIAL, "before sign-in: an address; the hash stays in the API"),
    "register_user": (CREDENTIAL, "before sign-in: makes an account, answers its id"),
    "note_timeline": (BACKGROUND, "the server's own timeline; answers nothing"),
    "replayed_timeline": (BACKGROUND, "a number, of the server and of no tenant"),
    "close_wal_segment": (BACKGROUND, "a position in the WAL, of the server and of no tenant"),
    "organization_id": (BACKGROUND, "a number; authorize() decides what it is good for"),
    "organization_ids": (BACKGROUND, "numbers, for the scheduler"),
    "count_searches": (BACKGROUND, "adds to counters; answers nothing"),
    "take_outbox": (BACKGROUND, "messages hold ids of jobs, no texts"),
    "mark_relayed": (BACKGROUND, "answers nothing"),
    "outbox_waiting": (BACKGROUND, "a number"),
    "take_cron_run": (BACKGROUND, "of no tenant"),
    "requeue_stalled_jobs": (BACKGROUND, "a number"),
    "clean_expired": (BACKGROUND, "numbers; removes what has expired by its own date"),
    "purge_organization": (BACKGROUND, "a number; removes what its owner deleted long ago"),
    "keep_document_revision": (TENANT, "a trigger: the changed row's own organization"),
    "remember_document_language": (TENANT, "a trigger: the written row's own organization"),
}
"""SECURITY DEFINER functions, which row-level security does not hold: what holds them instead."""

CALLS = {
    "search_query": f"SELECT howdah.search_query('{SECRET}', NULL)::text",
    "search_documents": f"SELECT * FROM howdah.search_documents('{SECRET}')",
    "suggest_words": f"SELECT * FROM howdah.suggest_words(ARRAY['{SECRET[:-1]}'])",
    "refresh_search_words": "SELECT howdah.refresh_search_words()",
}


@dataclass(frozen=True)
class Tenants:
    """Ours and the other's: organization and user ids, and the other's rows as JSON by table."""

    org: int
    user: int
    other_org: int
    other_user: int
    other_rows: dict[str, Any]


@pytest.fixture
def tenants(owner: Connection) -> Tenants:
    """Two tenants with a row of every kind each."""
    (ours, our_user), (theirs, their_user) = (_tenant(owner, text) for text in ("our", SECRET))
    rows = {table: _row_of(owner, table, theirs, their_user) for table in SEEDS}
    return Tenants(ours, our_user, theirs, their_user, rows)


def _tenant(owner: Connection, text: str) -> tuple[int, int]:
    values = {"org": 0, "user": 0, "text": text}
    values["org"] = _value(
        owner, "INSERT INTO organizations (name, slug) VALUES ('x', %(text)s) RETURNING id", values
    )
    values["user"] = _value(
        owner,
        "INSERT INTO users (email, full_name, password_hash) VALUES (%(text)s, 'x', 'x')"
        " RETURNING id",
        values,
    )
    for statement in SEEDS.values():
        owner.execute(statement, values)
    return values["org"], values["user"]


def _value(connection: Connection, query: str, values: Any = None) -> Any:
    row = connection.execute(query, values).fetchone()
    assert row is not None
    return row[0]


def _row_of(owner: Connection, table: str, org_id: int, user_id: int) -> Any:
    query = sql.SQL("SELECT to_jsonb(t) FROM {} AS t WHERE {} = %s").format(
        sql.Identifier("public", table), sql.Identifier(_owner_column(table))
    )
    by_user = table == "users" or table in BY_USER
    row = owner.execute(query, (user_id if by_user else org_id,)).fetchone()
    assert row is not None, f"SEEDS makes no row of {table}"
    return row[0]


def _owner_column(table: str) -> str:
    """The column that says whose a row is."""
    if table in ("users", "organizations"):
        return "id"
    return "user_id" if table in BY_USER else "org_id"


@contextmanager
def bound(acting_as: ActingAs, org_id: int | None, user_id: int | None) -> Iterator[Connection]:
    """app_write in a transaction bound as the application binds it."""
    with acting_as(WRITER) as app:
        app.execute("SELECT howdah.bind(%s::integer, %s::integer)", (org_id, user_id))
        yield app


def count(app: Connection, table: str, condition: str = "true") -> int:
    """Rows that the role sees; a table that it may not read at all shows none."""
    try:
        with app.transaction():
            query = sql.SQL("SELECT count(*) FROM {} AS t WHERE {}")
            row = app.execute(
                query.format(sql.Identifier(*table.split(".")), sql.SQL(condition))
            ).fetchone()
    except psycopg.errors.InsufficientPrivilege:
        return 0
    assert row is not None
    return int(row[0])


def refused_or_nothing(app: Connection, statement: sql.Composable, *values: Any) -> bool:
    """Whether it changed nothing, by right or by policy; what it did is taken back."""
    try:
        with app.transaction(force_rollback=True):
            return app.execute(statement, values).rowcount == 0
    except psycopg.errors.InsufficientPrivilege:
        return True


def secret_rows() -> str:
    return f"to_jsonb(t)::text LIKE '%{SECRET}%'"


class TestEveryTable:
    def test_each_is_known_here(self, owner: Connection) -> None:
        rows = owner.execute(
            "SELECT relname, relrowsecurity FROM pg_class"
            " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
        ).fetchall()
        secured = {name for name, is_secured in rows if is_secured}
        assert {name for name, _ in rows} - secured == set(OF_NO_TENANT)
        assert secured == set(SEEDS)

    def test_each_that_names_an_organization_or_a_user_is_secured(self, owner: Connection) -> None:
        rows = owner.execute(
            "SELECT DISTINCT table_name FROM information_schema.columns"
            " WHERE table_schema = 'public' AND column_name IN ('org_id', 'user_id')"
        ).fetchall()
        assert {name for (name,) in rows} <= set(SEEDS)

    @pytest.mark.parametrize("table", SEEDS)
    def test_the_other_s_rows_are_not_seen(
        self, tenants: Tenants, acting_as: ActingAs, table: str
    ) -> None:
        with bound(acting_as, tenants.org, tenants.user) as app:
            assert count(app, table, secret_rows()) == 0
            assert count(app, table) == 1, "one's own row is"

    @pytest.mark.parametrize("table", [*SEEDS, *OF_NO_TENANT])
    def test_without_a_binding_nothing_of_anybody_is_seen(
        self, tenants: Tenants, acting_as: ActingAs, table: str
    ) -> None:
        with bound(acting_as, None, None) as app:
            assert count(app, table, secret_rows()) == 0
            if table in SEEDS:
                assert count(app, table) == 0
        with acting_as(WRITER) as app:
            app.execute("RESET app.org_id")
            app.execute("RESET app.user_id")
            assert count(app, table, secret_rows()) == 0

    @pytest.mark.parametrize("table", SEEDS)
    def test_the_other_s_rows_are_not_changed_or_removed(
        self, tenants: Tenants, acting_as: ActingAs, owner: Connection, table: str
    ) -> None:
        column = _owner_column(table)
        names = {"table": sql.Identifier("public", table), "column": sql.Identifier(column)}
        theirs = tenants.other_rows[table][column]
        change = sql.SQL("UPDATE {table} SET {column} = {column} WHERE {column} = %s")
        remove = sql.SQL("DELETE FROM {table} WHERE {column} = %s")
        for org_id, user_id in ((tenants.org, tenants.user), (None, None)):
            with bound(acting_as, org_id, user_id) as app:
                assert refused_or_nothing(app, change.format(**names), theirs)
                assert refused_or_nothing(app, remove.format(**names), theirs)
        assert tenants.other_rows[table] == _row_of(
            owner, table, tenants.other_org, tenants.other_user
        )

    @pytest.mark.parametrize("table", SEEDS)
    def test_no_row_is_made_for_the_other(
        self, tenants: Tenants, acting_as: ActingAs, owner: Connection, table: str
    ) -> None:
        columns = owner.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass"
            " AND attnum > 0 AND NOT attisdropped AND attgenerated = ''",
            (f"public.{table}",),
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(name) for (name,) in columns)
        insert = sql.SQL(
            "INSERT INTO {table} ({names}) OVERRIDING SYSTEM VALUE"
            " SELECT {names} FROM jsonb_populate_record(NULL::{table}, %s)"
        ).format(table=sql.Identifier("public", table), names=names)
        row = psycopg.types.json.Jsonb(tenants.other_rows[table])
        for org_id, user_id in ((tenants.org, tenants.user), (None, None)):
            with bound(acting_as, org_id, user_id) as app:
                assert refused_or_nothing(app, insert, row)

    @pytest.mark.parametrize("table", [table for table in SEEDS if table not in BY_USER])
    def test_one_s_own_row_is_not_moved_to_the_other(
        self, tenants: Tenants, acting_as: ActingAs, table: str
    ) -> None:
        column = _owner_column(table)
        ours = tenants.user if table == "users" else tenants.org
        move = sql.SQL("UPDATE {table} SET {column} = %s WHERE {column} = %s").format(
            table=sql.Identifier("public", table), column=sql.Identifier(column)
        )
        with bound(acting_as, tenants.org, tenants.user) as app:
            assert refused_or_nothing(app, move, tenants.other_rows[table][column], ours)

    def test_a_user_bound_to_no_organization_sees_what_is_theirs(
        self, tenants: Tenants, acting_as: ActingAs
    ) -> None:
        with bound(acting_as, None, tenants.user) as app:
            seen = {table for table in SEEDS if count(app, table)}
            assert all(count(app, table, secret_rows()) == 0 for table in SEEDS)
        assert seen == BY_USER | {"users", "memberships", "organizations"}


class TestEveryView:
    def test_none_shows_the_other_s_rows(
        self, tenants: Tenants, acting_as: ActingAs, owner: Connection
    ) -> None:
        views = owner.execute(
            "SELECT viewname FROM pg_views WHERE schemaname = 'howdah'"
        ).fetchall()
        assert len(views) >= 3
        for (view,) in views:
            with bound(acting_as, tenants.org, tenants.user) as app:
                assert count(app, f"howdah.{view}", secret_rows()) == 0
                assert count(app, f"howdah.{view}") == 1, "one's own row is"
            with bound(acting_as, None, None) as app:
                assert count(app, f"howdah.{view}") == 0

    @pytest.mark.parametrize("view", ["visible_users", "members", "tenant_documents"])
    def test_none_is_written_through(
        self, tenants: Tenants, acting_as: ActingAs, view: str
    ) -> None:
        with bound(acting_as, tenants.org, tenants.user) as app:
            delete = sql.SQL("DELETE FROM {}").format(sql.Identifier("howdah", view))
            with (
                pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.Error)),
                app.transaction(),
            ):
                app.execute(delete)

    def test_nothing_can_be_seen_through_a_condition_that_tells(
        self, tenants: Tenants, acting_as: ActingAs
    ) -> None:
        """A function in a condition must not run on rows that the policy hides."""
        divide = "1 / (id - id) > 0"
        with (
            bound(acting_as, tenants.other_org, tenants.other_user) as app,
            pytest.raises(psycopg.errors.DivisionByZero),
            app.transaction(),
        ):
            app.execute(f"SELECT FROM documents WHERE {divide}")
        with bound(acting_as, None, None) as app:
            assert app.execute(f"SELECT FROM documents WHERE {divide}").fetchall() == []


class TestEveryFunction:
    def test_each_that_runs_as_the_owner_was_reviewed(self, owner: Connection) -> None:
        rows = owner.execute(
            "SELECT proname FROM pg_proc"
            " WHERE prosecdef AND pronamespace IN ('howdah'::regnamespace, 'public'::regnamespace)"
        ).fetchall()
        assert {name for (name,) in rows} == set(REVIEWED)

    def test_each_has_a_search_path_of_its_own_and_is_for_the_application_only(
        self, owner: Connection
    ) -> None:
        rows = owner.execute(
            """
            SELECT p.proname, p.proowner::regrole::text, p.proconfig,
                   has_function_privilege('public', p.oid, 'EXECUTE'),
                   has_function_privilege('app_read', p.oid, 'EXECUTE')
            FROM pg_proc p WHERE p.prosecdef AND p.pronamespace = 'howdah'::regnamespace
            """
        ).fetchall()
        for name, function_owner, config, by_public, by_reader in rows:
            assert function_owner == OWNER, name
            assert any(line.startswith("search_path=pg_catalog") for line in config), name
            assert not by_public, name
            assert not by_reader, name

    @pytest.mark.parametrize(
        "name", [name for name, (kind, _) in REVIEWED.items() if kind == TENANT]
    )
    def test_each_that_reads_a_tenant_asks_which(self, owner: Connection, name: str) -> None:
        source = _value(
            owner,
            "SELECT prosrc FROM pg_proc"
            " WHERE proname = %s AND pronamespace = 'howdah'::regnamespace",
            (name,),
        )
        is_trigger = "RETURN NEW" in source or "RETURN NULL" in source
        assert is_trigger or "howdah.current_org_id()" in source
        assert is_trigger == (name not in CALLS)

    @pytest.mark.parametrize("name", CALLS)
    def test_each_that_reads_a_tenant_finds_nothing_of_the_other(
        self, tenants: Tenants, acting_as: ActingAs, name: str
    ) -> None:
        with bound(acting_as, tenants.org, tenants.user) as app:
            assert SECRET not in answers(app, name, without=name == "search_query")
        with bound(acting_as, None, None) as app:
            assert SECRET not in answers(app, name, without=name == "search_query")
        if name in ("search_documents", "suggest_words"):
            with bound(acting_as, tenants.other_org, tenants.other_user) as app:
                assert SECRET in answers(app, name), "the other finds it"

    def test_a_deleted_organization_is_restored_by_its_owner_only(
        self, tenants: Tenants, acting_as: ActingAs, owner: Connection
    ) -> None:
        owner.execute(
            "UPDATE organizations SET deleted_at = now() WHERE id = %s", (tenants.other_org,)
        )
        restore = f"SELECT id FROM howdah.restore_organization('{SECRET}')"
        for org_id, user_id in ((tenants.org, tenants.user), (None, None)):
            with bound(acting_as, org_id, user_id) as app:
                with pytest.raises(psycopg.Error) as refused, app.transaction():
                    app.execute(restore)
                assert refused.value.sqlstate == "HW404"
        with bound(acting_as, None, tenants.other_user) as app:
            assert _value(app, restore) == tenants.other_org


def answers(app: Connection, name: str, *, without: bool = False) -> str:
    """What the call answers, its refusal included; `without` the words that it was asked with."""
    try:
        with app.transaction():
            text = repr(app.execute(CALLS[name]).fetchall())
    except psycopg.Error as refusal:
        text = str(refusal)
    return text.replace(f"'{SECRET}'", "") if without else text
