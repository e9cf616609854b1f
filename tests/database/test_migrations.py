"""The migrations of the product, and what the runner promises while it runs them."""

import threading
import time
from pathlib import Path

import pytest
from psycopg import errors

from howdah.foundation.errors import InvalidInput, Unavailable
from howdah.foundation.settings import Settings
from howdah.operations.migrations import migrate_down, migrate_up, migration_status
from howdah.operations.migrations.apply import MigrationFailed
from howdah.operations.migrations.files import MigrationFileInvalid
from howdah.operations.migrations.operator import this_operator
from howdah.operations.migrations.plan import MigrationsDisagree
from howdah.operations.migrations.session import ADVISORY_KEY, Patience
from howdah.operations.roles.catalog import OWNER, SUPERUSER
from howdah.operations.roles.connect import Connection, connect_directly
from tests.database.migration_files import IMPATIENT, three_tables, up_and_down, with_files
from tests.database.own_server import own_server

BEING_BUILT = """
    SELECT FROM pg_stat_progress_create_index JOIN pg_class ON oid = index_relid
    WHERE relname = 'things_id'
"""
VACUUMED = "SELECT FROM pg_stat_progress_vacuum WHERE relid = 'busy'::regclass"


def tables(settings: Settings) -> set[str]:
    with connect_directly(settings, OWNER) as connection:
        rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {name for (name,) in rows.fetchall()} - {"schema_migrations"}


class TestTheMigrationsOfTheProduct:
    def test_running_them_again_does_nothing(self, fresh_database: Settings) -> None:
        assert migrate_up(fresh_database) == []
        assert migration_status(fresh_database).pending == ()

    def test_rows_from_before_survive_the_way_up_and_back_down(
        self, empty_database: Settings
    ) -> None:
        migrate_up(empty_database, "004")
        with connect_directly(empty_database, OWNER) as connection:
            connection.execute(OLD_ROWS)
            before = connection.execute(ALL_OLD_ROWS).fetchall()
        migrate_up(empty_database)
        with connect_directly(empty_database, OWNER) as connection:
            weighted = connection.execute(
                "SELECT count(*) FROM documents "
                "WHERE search_vector @@ to_tsquery('english', 'database:A')"
            ).fetchone()
        migrate_down(empty_database, to="004")
        with connect_directly(empty_database, OWNER) as connection:
            assert connection.execute(ALL_OLD_ROWS).fetchall() == before
        assert weighted == (1500,)

    def test_every_table_of_an_organization_is_closed_to_the_others(
        self, owner: Connection
    ) -> None:
        open_tables = owner.execute(
            "SELECT c.relname FROM pg_class c JOIN pg_attribute a ON attrelid = c.oid "
            "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
            "AND a.attname = 'org_id' AND NOT attisdropped AND NOT (c.relrowsecurity AND EXISTS "
            "(SELECT FROM pg_policy WHERE polrelid = c.oid)) "
            "AND has_any_column_privilege('app_write', c.oid, 'SELECT')"
        ).fetchall()
        assert open_tables == []


class TestTheRunner:
    def test_a_failing_migration_leaves_nothing_and_keeps_those_before_it(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(
            empty_database,
            tmp_path,
            _001_first=up_and_down("CREATE TABLE first ();"),
            _002_broken=up_and_down("CREATE TABLE second ();\nSELECT 1,\n  no_such_column;"),
        )
        with pytest.raises(MigrationFailed) as failure:
            migrate_up(target)
        assert "002_broken.sql failed at line 4 with 42703: column" in str(failure.value)
        assert tables(target) == {"first"}
        assert migration_status(target).applied == ("001_first",)

    def test_a_failure_while_running_names_the_line_of_its_statement(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(
            empty_database, tmp_path, _001_zero=up_and_down("SELECT 1;\n\n\nSELECT 1 / 0;")
        )
        with pytest.raises(MigrationFailed, match="at line 5 with 22012: division by zero"):
            migrate_up(target)

    def test_a_section_without_transaction_may_build_an_index_concurrently(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(
            empty_database,
            tmp_path,
            _001_table=up_and_down("CREATE TABLE things (id int);", "DROP TABLE things;"),
            _002_index=up_and_down(
                "CREATE INDEX CONCURRENTLY things_id ON things (id);",
                "DROP INDEX CONCURRENTLY things_id;",
                " transaction:false",
            ),
        )
        assert migrate_up(target) == ["001_table", "002_index"]
        assert migrate_down(target, to="0") == ["002_index", "001_table"]

    def test_a_section_without_transaction_may_commit_in_batches(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        batches = "DO $$ BEGIN CREATE TABLE kept (); COMMIT; RAISE EXCEPTION 'half way'; END $$;"
        target = with_files(
            empty_database, tmp_path, _001_batches=up_and_down(batches, option=" transaction:false")
        )
        with pytest.raises(MigrationFailed, match=r"P0001: half way.*outside a transaction"):
            migrate_up(target)
        assert tables(target) == {"kept"}
        assert migration_status(target).applied == ()

    def test_the_remains_of_an_interrupted_index_are_cleaned_away(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        index = "CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS things_id ON things (id);"
        target = with_files(
            empty_database,
            tmp_path,
            _001_table=up_and_down(
                "CREATE TABLE things (id int);\nINSERT INTO things VALUES (1), (1);"
            ),
            _002_index=up_and_down(index, option=" transaction:false"),
        )
        with pytest.raises(MigrationFailed, match="23505"):
            migrate_up(target)
        assert migration_status(target).invalid_indexes == ()
        with connect_directly(target, OWNER) as connection:
            with pytest.raises(errors.UniqueViolation):  # the remains of a build by hand
                connection.execute(index)
            assert migration_status(target).invalid_indexes == ("things_id",)
            connection.execute("TRUNCATE things")
        told: list[str] = []
        assert migrate_up(target, report=told.append) == ["002_index"]
        assert "things_id: an interrupted build had left it not valid; dropped." in told
        assert migration_status(target).invalid_indexes == ()

    def test_an_index_that_somebody_else_builds_is_not_taken_for_remains(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        slow = "CREATE FUNCTION slow(n int) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN\n"
        slow += "PERFORM pg_sleep(0.4); RETURN n; END $$;"
        index = "CREATE INDEX CONCURRENTLY IF NOT EXISTS things_id ON things (slow(id));"
        target = with_files(
            empty_database,
            tmp_path,
            _001_table=up_and_down(
                f"CREATE TABLE things (id int);\nINSERT INTO things VALUES (1), (2);\n{slow}"
            ),
            _002_index=up_and_down(index, option=" transaction:false"),
        )
        migrate_up(target, "1")
        with (
            connect_directly(target, OWNER) as builder,
            connect_directly(target, OWNER) as watcher,
        ):
            other = threading.Thread(target=lambda: builder.execute(index.encode()))
            other.start()
            while not watcher.execute(BEING_BUILT).fetchall():
                time.sleep(0.02)
            with pytest.raises(MigrationFailed, match=r"things_id is being built by PostgreSQL"):
                migrate_up(target)
            other.join()
        assert migrate_up(target) == ["002_index"]
        assert migration_status(target).sound

    def test_a_setting_in_one_file_does_not_reach_the_next(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(
            empty_database,
            tmp_path,
            _001_sets=up_and_down("SET search_path = pg_catalog;"),
            _002_creates=up_and_down("CREATE TABLE found_its_schema ();"),
        )
        migrate_up(target)
        assert tables(target) == {"found_its_schema"}

    def test_a_lock_that_is_not_to_be_had_ends_in_a_sentence_and_holds_nobody_up(
        self, fresh_database: Settings, tmp_path: Path
    ) -> None:
        migrate_down(fresh_database, to="000")
        target = with_files(
            fresh_database, tmp_path, _001_table=up_and_down("CREATE TABLE busy ();")
        )
        migrate_up(target)
        with_files(target, tmp_path, _002_alter=up_and_down("ALTER TABLE busy ADD x int;"))
        with connect_directly(target, OWNER) as holder, holder.transaction():
            holder.execute("SELECT * FROM busy")
            with pytest.raises(MigrationFailed, match=r"55P03.*holds a lock for long"):
                migrate_up(target, patience=IMPATIENT)
        assert migrate_up(target) == ["002_alter"]

    def test_the_application_waits_behind_the_runner_no_longer_than_its_lock_timeout(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(
            empty_database, tmp_path, _001_table=up_and_down("CREATE TABLE busy (id int);")
        )
        migrate_up(target)
        with_files(target, tmp_path, _002_alter=up_and_down("ALTER TABLE busy ADD x int;"))
        slowest = 0.0
        with connect_directly(target, OWNER) as holder, connect_directly(target, OWNER) as app:
            holder.execute("BEGIN")
            holder.execute("SELECT FROM busy")
            runner = threading.Thread(target=lambda: migrate_up(target))
            runner.start()
            until = time.monotonic() + 3
            while time.monotonic() < until:
                begun = time.monotonic()
                app.execute("SELECT count(*) FROM busy")
                slowest = max(slowest, time.monotonic() - begun)
                time.sleep(0.01)
            assert runner.is_alive()
            holder.rollback()
            runner.join()
        assert 0.1 < slowest < 0.5
        assert migration_status(target).pending == ()

    def test_a_lock_that_is_given_back_in_time_is_waited_for(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(
            empty_database, tmp_path, _001_table=up_and_down("CREATE TABLE busy ();")
        )
        migrate_up(target)
        with_files(target, tmp_path, _002_alter=up_and_down("ALTER TABLE busy ADD x int;"))
        patience = Patience(lock_timeout_seconds=0.1, attempts=20, first_pause_seconds=0.01)
        with connect_directly(target, OWNER) as holder:
            holder.execute("BEGIN")
            holder.execute("SELECT * FROM busy")
            release = threading.Timer(0.3, holder.rollback)
            release.start()
            assert migrate_up(target, patience=patience) == ["002_alter"]
            release.join()

    def test_autovacuum_makes_way(self, settings: Settings, tmp_path: Path) -> None:
        slow = "autovacuum_vacuum_cost_delay = 100, autovacuum_vacuum_cost_limit = 1"
        table = (
            f"CREATE TABLE busy (id int) WITH ({slow}, autovacuum_vacuum_threshold = 1);\n"
            "INSERT INTO busy SELECT generate_series(1, 20000);\nDELETE FROM busy;"
        )
        with own_server(settings, "autovacuum_naptime=1") as server:
            target = with_files(server, tmp_path, _001_table=up_and_down(table))
            migrate_up(target)
            with connect_directly(target, SUPERUSER) as watcher:
                while not watcher.execute(VACUUMED).fetchall():
                    time.sleep(0.05)
            with_files(target, tmp_path, _002_alter=up_and_down("ALTER TABLE busy ADD x int;"))
            told: list[str] = []
            assert migrate_up(target, report=told.append) == ["002_alter"]
            assert told == ["002_alter: up"]

    def test_a_second_runner_waits_and_then_finds_nothing_to_do(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(
            empty_database,
            tmp_path,
            _001_slow=up_and_down("SELECT pg_sleep(0.5);\nCREATE TABLE slow ();"),
            _002_index=up_and_down(
                "CREATE INDEX CONCURRENTLY slow_index ON slow ((1));",
                option=" transaction:false",
            ),
        )
        results: list[list[str]] = []
        told: list[str] = []
        runners = [
            threading.Thread(target=lambda: results.append(migrate_up(target, report=told.append)))
            for _ in range(3)
        ]
        for runner in runners:
            runner.start()
        for runner in runners:
            runner.join(timeout=30)
        assert sorted(results) == [[], [], ["001_slow", "002_index"]]
        waited = [line for line in told if line.startswith("Another migration is running: ")]
        assert len(waited) == 2
        assert f"{this_operator().name}, since " in waited[0]

    def test_a_runner_that_never_gets_its_turn_says_so(self, empty_database: Settings) -> None:
        told: list[str] = []
        with connect_directly(empty_database, OWNER) as other:
            other.execute("SELECT pg_advisory_lock(%s)", (ADVISORY_KEY,))
            with pytest.raises(Unavailable, match="Another migration has been running"):
                migrate_up(empty_database, patience=IMPATIENT, report=told.append)
        assert "Another migration is running: a session called 'howdah howdah_owner'" in told[0]
        assert len(told) == 1

    def test_a_file_that_is_wrong_stops_everything_before_anything_runs(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(
            empty_database,
            tmp_path,
            _001_good=up_and_down("CREATE TABLE good ();"),
            _002_no_way_back="-- migrate:up\nCREATE TABLE stuck ();\n",
        )
        with pytest.raises(MigrationFileInvalid, match=r"002_no_way_back\.sql"):
            migrate_up(target)
        assert tables(target) == set()

    def test_up_and_down_stop_where_they_are_told(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(empty_database, tmp_path, **three_tables())
        assert migrate_up(target, "2") == ["001_step", "002_step"]
        assert migrate_up(target) == ["003_step"]
        assert migrate_down(target, steps=2) == ["003_step", "002_step"]
        assert tables(target) == {"t1"}
        with pytest.raises(InvalidInput, match="no migration 7"):
            migrate_up(target, "7")

    def test_a_database_ahead_of_the_files_is_left_alone_where_that_is_expected(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(empty_database, tmp_path, _001_only=up_and_down("SELECT 1;"))
        migrate_up(target)
        with connect_directly(target, OWNER) as connection:
            connection.execute("INSERT INTO schema_migrations VALUES ('002')")
        assert migrate_up(target, may_be_ahead=True) == []
        assert migration_status(target).unknown == ("002",)
        with pytest.raises(MigrationsDisagree, match="002, which this version has no file for"):
            migrate_up(target)
        with pytest.raises(MigrationsDisagree, match="002, which this version has no file for"):
            migrate_down(target)


OLD_ROWS = """
INSERT INTO users (email, full_name, password_hash, metadata)
SELECT 'user' || n || '@example.com', 'User ' || n, 'x', '{"notifications": {"email": true}}'
FROM generate_series(1, 3) AS n;
INSERT INTO organizations (name, slug, settings) VALUES ('Acme', 'acme', '{}');
INSERT INTO documents (title, content, author_id, org_id, tags)
SELECT 'The database ' || n, 'About postgres.', 1, 1, CASE n % 2 WHEN 0 THEN ARRAY['a', 'b'] END
FROM generate_series(1, 1500) AS n;
"""
ALL_OLD_ROWS = """
SELECT to_jsonb(row) - 'search_vector' FROM (
    SELECT 1, to_jsonb(users) AS row, id FROM users
    UNION ALL SELECT 2, to_jsonb(organizations), id FROM organizations
    UNION ALL
    -- Missing tags become no tags for good.
    SELECT 3, to_jsonb(documents) || jsonb_build_object('tags', coalesce(tags, '{}')), id
    FROM documents
    ORDER BY 1, 3
) AS everything
"""
