"""The ledger of migrations: what it holds, that it is only added to, and what it refuses."""

import socket
from pathlib import Path

import psycopg
import pytest

from howdah import __version__
from howdah.foundation.errors import Conflict
from howdah.foundation.settings import Settings
from howdah.operations.migrations import (
    accept_change,
    migrate_down,
    migrate_up,
    migration_status,
)
from howdah.operations.migrations.apply import MigrationFailed
from howdah.operations.migrations.files import read_migrations
from howdah.operations.migrations.history import Entry
from howdah.operations.migrations.ledger import read_entries
from howdah.operations.migrations.plan import MigrationsDisagree
from howdah.operations.roles.catalog import OWNER, READER, SUPERUSER, WRITER
from howdah.operations.roles.connect import connect_directly
from tests.database.migration_files import three_tables, up_and_down, with_files
from tests.database.test_dbmate import dbmate

CHANGES = (
    "UPDATE migrations.ledger SET operator = 'nobody'",
    "DELETE FROM migrations.ledger",
    "DELETE FROM migrations.ledger WHERE false",
    "TRUNCATE migrations.ledger",
)


def entries(settings: Settings) -> tuple[Entry, ...]:
    with connect_directly(settings, OWNER) as connection:
        return read_entries(connection)


def told(settings: Settings) -> list[tuple[str, str, str]]:
    return [(entry.version, entry.direction, entry.event) for entry in entries(settings)]


class TestWhatItHolds:
    def test_each_run_is_entered_with_hash_operator_duration_and_tool(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(
            empty_database, tmp_path, _001_slow=up_and_down("SELECT pg_sleep(0.2);")
        )
        migrate_up(target)
        migrate_down(target)
        brought, taken_back = entries(target)
        (file,) = read_migrations(target.migrations)
        assert (brought.version, brought.name, brought.sha256) == ("001", "001_slow", file.sha256)
        assert (brought.direction, taken_back.direction) == ("up", "down")
        assert brought.operator.endswith(f"@{socket.gethostname()}")
        assert brought.database_role == OWNER
        assert brought.tool_version == f"howdah {__version__}"
        assert brought.duration_seconds is not None
        assert 0.2 <= brought.duration_seconds < 2

    def test_what_fails_in_a_transaction_leaves_no_entry(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(empty_database, tmp_path, _001_zero=up_and_down("SELECT 1 / 0;"))
        with pytest.raises(MigrationFailed):
            migrate_up(target)
        assert entries(target) == ()

    def test_what_fails_outside_of_one_is_entered_as_begun_and_failed(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        text = up_and_down("SELECT 1 / 0;", option=" transaction:false")
        target = with_files(empty_database, tmp_path, _001_zero=text)
        with pytest.raises(MigrationFailed):
            migrate_up(target)
        assert told(target) == [("001", "up", "begun"), ("001", "up", "failed")]
        assert entries(target)[1].note == "22012: division by zero"
        assert migration_status(target).interrupted == ()

    def test_status_says_when_how_long_and_by_whom(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(empty_database, tmp_path, **three_tables())
        migrate_up(target, "2")
        first, second = migration_status(target).details
        assert first.at is not None
        assert second.at is not None
        assert first.at < second.at
        assert first.operator == entries(target)[0].operator
        assert not first.adopted


class TestOnlyAddedTo:
    @pytest.mark.parametrize("change", CHANGES)
    @pytest.mark.parametrize("role", [OWNER, SUPERUSER, WRITER, READER])
    def test_nobody_changes_or_deletes_an_entry(
        self, fresh_database: Settings, role: str, change: str
    ) -> None:
        before = entries(fresh_database)
        with (
            connect_directly(fresh_database, role) as connection,
            pytest.raises(
                (psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
            ),
        ):
            connection.execute(change.encode())
        assert entries(fresh_database) == before

    @pytest.mark.parametrize("change", CHANGES)
    def test_the_owner_does_not_either_after_taking_the_right_back(
        self, fresh_database: Settings, change: str
    ) -> None:
        with connect_directly(fresh_database, OWNER) as connection:
            connection.execute("GRANT ALL ON migrations.ledger TO howdah_owner")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
                connection.execute(change.encode())

    @pytest.mark.parametrize("change", CHANGES)
    def test_nor_does_a_superuser_that_calls_itself_a_replica(
        self, fresh_database: Settings, change: str
    ) -> None:
        with connect_directly(fresh_database, SUPERUSER) as connection:
            connection.execute("SET session_replication_role = replica")
            with pytest.raises(psycopg.errors.InsufficientPrivilege, match="only ever added to"):
                connection.execute(change.encode())


class TestWhatItRefuses:
    def test_a_file_that_was_changed_after_it_ran_is_refused_with_both_hashes(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(empty_database, tmp_path, **three_tables())
        migrate_up(target, "2")
        (ran, _) = (entry.sha256 for entry in entries(target))
        with_files(target, tmp_path, _001_step=up_and_down("CREATE TABLE other ();"))
        now = read_migrations(target.migrations)[0].sha256
        assert ran is not None
        for run in (migrate_up, migrate_down):
            with pytest.raises(MigrationsDisagree, match=rf"001_step\.sql.*{ran}.*{now}"):
                run(target)
        status = migration_status(target)
        assert (status.changed, status.sound) == (("001_step",), False)
        assert len(entries(target)) == 2

    def test_a_change_that_somebody_answers_for_is_accepted_and_kept(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(empty_database, tmp_path, **three_tables())
        migrate_up(target, "2")
        with_files(target, tmp_path, _001_step="-- Why: tables.\n" + three_tables()["_001_step"])
        assert accept_change(target, "1", "a comment").version == "001"
        assert entries(target)[-1].note == "a comment"
        assert migrate_up(target) == ["003_step"]
        assert migration_status(target).sound
        with pytest.raises(Conflict, match="is what ran"):
            accept_change(target, "1", "again")

    def test_a_file_that_is_missing_is_refused(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(empty_database, tmp_path, **three_tables())
        migrate_up(target)
        (target.migrations / "003_step.sql").unlink()
        for run in (migrate_up, migrate_down):
            with pytest.raises(MigrationsDisagree, match=r"has run 003, .* no file for"):
                run(target)
        assert migration_status(target).unknown == ("003",)

    def test_out_of_order_runs_only_when_asked_and_down_goes_back_as_it_ran(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(empty_database, tmp_path, **three_tables())
        with connect_directly(target, OWNER) as connection:
            connection.execute(
                "CREATE TABLE schema_migrations (version varchar PRIMARY KEY);"
                "INSERT INTO schema_migrations VALUES ('001'), ('003');"
                "CREATE TABLE t1 (); CREATE TABLE t3 ()"
            )
        with pytest.raises(MigrationsDisagree, match="--out-of-order"):
            migrate_up(target)
        assert migrate_up(target, out_of_order=True) == ["002_step"]
        assert migrate_down(target, to="1") == ["002_step", "003_step"]

    def test_what_has_no_way_back_is_not_taken_back_and_keeps_what_is_before_it(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        final = "-- irreversible: the old passwords are gone\n" + up_and_down("SELECT 1;", "")
        target = with_files(empty_database, tmp_path, **three_tables() | {"_002_final": final})
        (target.migrations / "002_step.sql").unlink()
        migrate_up(target)
        with pytest.raises(MigrationsDisagree, match="no way back: the old passwords are gone"):
            migrate_down(target, to="000")
        assert len(migration_status(target).applied) == 3
        assert migrate_down(target) == ["003_step"]


class TestAnotherToolsWork:
    def test_what_dbmate_did_is_adopted_and_marked(self, empty_database: Settings) -> None:
        dbmate(empty_database, "migrate")
        status = migration_status(empty_database)
        assert {item.adopted for item in status.details} == {True}
        assert entries(empty_database) == ()
        assert migrate_up(empty_database) == []
        files = read_migrations(empty_database.migrations)
        assert [(item.version, item.sha256, item.event) for item in entries(empty_database)] == [
            (file.version, file.sha256, "adopted") for file in files
        ]

    def test_what_dbmate_took_back_is_adopted_too(self, fresh_database: Settings) -> None:
        *_, before, last = read_migrations(fresh_database.migrations)
        dbmate(fresh_database, "rollback")
        assert migration_status(fresh_database).pending == (last.name,)
        assert migrate_down(fresh_database) == [before.name]
        assert told(fresh_database)[-2:] == [
            (last.version, "down", "adopted"),
            (before.version, "down", "done"),
        ]

    def test_a_changed_file_is_noticed_after_dbmate_ran_it_and_we_took_over(
        self, empty_database: Settings, tmp_path: Path
    ) -> None:
        target = with_files(empty_database, tmp_path, **three_tables())
        dbmate(target, "migrate")
        migrate_up(target)
        with_files(target, tmp_path, _002_step=up_and_down("CREATE TABLE other ();"))
        with pytest.raises(MigrationsDisagree, match=r"002_step\.sql was changed"):
            migrate_up(target)
